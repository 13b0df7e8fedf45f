// A registry in this process, with everything the real ones have: revisions, leases, history that
// gets compacted; and with everything that goes wrong with them, on demand.
#pragma once

#include <brontes/actors/system.hpp>
#include <brontes/discovery/registry.hpp>
#include <cstddef>
#include <cstdint>

namespace brontes {

/// Forgets the changes up to and including that revision; 0: up to the current one.
struct CompactHistory {
  std::uint64_t revision = 0;
};
/// Loses records, leases and history, as a server that lost its disk: revisions start again, all
/// watches break. A new epoch.
struct WipeRegistry {};
/// Removes all records in one revision, as an operator does; their leases stay.
struct RemoveAllRecords {};
/// Ends a lease now, as its ttl would; value 0: all of them.
struct ExpireLease {
  LeaseId lease;
};
/// What goes wrong from now on; replaces what went wrong before. `SetFaults{}` heals.
struct SetFaults {
  /// Answers kUnavailable; watches are broken.
  bool unavailable = false;
  /// Says nothing, neither answers nor changes, until healed; then says what is still wanted.
  /// Leases go on lapsing.
  bool silent = false;
  /// No lease lapses.
  bool frozen_leases = false;
  /// The next answers are never sent, though what was asked is done.
  std::uint32_t dropped_answers = 0;
  /// Answers come this much later.
  Duration answer_delay{};
  /// Changes are sent twice.
  bool duplicate_changes = false;
};
/// Self -> self.
struct LapseDue {};
struct AnswerDue {
  std::uint64_t number = 0;
};

}  // namespace brontes

BRONTES_MESSAGE(brontes::CompactHistory)
BRONTES_MESSAGE(brontes::WipeRegistry)
BRONTES_MESSAGE(brontes::RemoveAllRecords)
BRONTES_MESSAGE(brontes::ExpireLease)
BRONTES_MESSAGE(brontes::SetFaults)
BRONTES_MESSAGE(brontes::LapseDue)
BRONTES_MESSAGE(brontes::AnswerDue)

namespace brontes {

using MemoryRegistry =
    Interface<LeaseGranted(GrantLease), RecordPut(PutRecord), LeaseRenewed(RenewLease),
              void(RevokeLease), void(RemoveRecord), RecordsListed(ListRecords),
              WatchStarted(WatchRecords), void(StopWatch),  // so far Registry
              void(CompactHistory), void(WipeRegistry), void(RemoveAllRecords), void(ExpireLease),
              void(SetFaults), void(LapseDue), void(AnswerDue)>;

struct MemoryRegistryOptions {
  std::size_t history_limit = 100'000;    ///< changes; older ones are compacted
  std::size_t record_limit = 200'000;     ///< kResourceExhausted beyond
  std::size_t watch_limit = 20'000;       ///< likewise
  std::size_t unanswered_limit = 10'000;  ///< while silent or delayed; beyond it answers are lost
};

/// To be stopped by its owner. `memory:` URLs share one per System and name: see Registries.
MemoryRegistry spawn_memory_registry(System& system, MemoryRegistryOptions options = {});

/// The control handle of a `memory:` registry that was opened by URL; undefined for other kinds.
MemoryRegistry memory_control(const Registry& registry);

}  // namespace brontes
