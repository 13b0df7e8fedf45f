// Keeps this process's records in one registry alive: one lease for all of them, renewed, granted
// anew when it was lost, repaired when somebody touched a record.
//
//   Idle --Announce--> Granting -> Putting -> Held --2/3 ttl--> Suspect --ttl--> Unknown
//                        ^                     ^ \__ answered ____/______________/   |
//                        |                     |                                     | kNotFound
//                        +------- Lost <-------+-------------------------------------+
#pragma once

#include <brontes/actors/backoff.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/announcement.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <brontes/discovery/registry.hpp>
#include <chrono>
#include <cstdint>
#include <string>

BRONTES_MESSAGE(brontes::AnnouncementEvent)

namespace brontes {

/// Who is told what happened to the record.
using AnnouncementListener = Interface<void(AnnouncementEvent)>;

/// Registers the record from now on, or changes the one with the same instance id (the listener
/// stays). Answered when the registry has it.
struct AnnounceRecord {
  Instance instance;
  AnnouncementListener listener;  ///< may be null
};
/// Writes `healthy = false` and keeps renewing. kNotFound: nothing announced with that id.
struct DrainRecord {
  std::string instance_id;
};
/// Removes the record, and revokes the lease with the last one. Answered when the registry
/// confirmed. Fine if nothing is announced with that id.
struct WithdrawRecord {
  std::string instance_id;
};
/// The outcome of any of the three. It may never come while the registry is away: bound your wait.
struct RecordStands {
  std::string key;
};

enum class LeasePhase {
  kIdle,      ///< nothing is announced
  kGranting,  ///< a lease was asked for, or will be after a pause
  kHeld,      ///< the last renewal is younger than 2/3 of the ttl
  kSuspect,   ///< older
  kUnknown,   ///< older than the ttl: nobody can say; the old lease is still renewed
};
struct DescribeLease {};
struct LeaseDescription {
  LeasePhase phase = LeasePhase::kIdle;
  LeaseId lease;
  std::size_t record_count = 0;  ///< announced
  std::size_t stand_count = 0;   ///< of these, in the registry as announced
};

/// Self -> self; `turn` tells a tick of an earlier attempt from one that is still wanted.
struct GrantDue {
  std::uint64_t turn = 0;
};
struct RenewDue {
  std::uint64_t turn = 0;
};
struct PutDue {
  std::uint64_t turn = 0;
};

}  // namespace brontes

BRONTES_MESSAGE(brontes::AnnounceRecord)
BRONTES_MESSAGE(brontes::DrainRecord)
BRONTES_MESSAGE(brontes::WithdrawRecord)
BRONTES_MESSAGE(brontes::RecordStands)
BRONTES_MESSAGE(brontes::DescribeLease)
BRONTES_MESSAGE(brontes::LeaseDescription)
BRONTES_MESSAGE(brontes::GrantDue)
BRONTES_MESSAGE(brontes::RenewDue)
BRONTES_MESSAGE(brontes::PutDue)

namespace brontes {

using LeaseKeeper =
    Interface<RecordStands(AnnounceRecord), RecordStands(DrainRecord), RecordStands(WithdrawRecord),
              LeaseDescription(DescribeLease), void(GrantDue), void(RenewDue), void(PutDue),
              void(RecordsChanged), void(WatchBroken), void(WatchProgress)>;

struct LeaseKeeperOptions {
  std::chrono::seconds ttl{15};                        ///< asked for; what was granted counts
  Duration request_timeout = std::chrono::seconds(3);  ///< grant, put, remove, revoke
  BackoffOptions retry{std::chrono::milliseconds(100), std::chrono::seconds(2)};
  Duration first_retry = std::chrono::milliseconds(250);  ///< spread of the first try after a loss
  std::uint32_t repair_burst = 3;  ///< records re-put at once; then one a second
  std::uint64_t seed = 1;          ///< of all jitter
};

/// Never gives up. Stopping it abandons: the lease lapses by itself.
LeaseKeeper spawn_lease_keeper(System& system, OpenRegistry registry,
                               LeaseKeeperOptions options = {});

}  // namespace brontes
