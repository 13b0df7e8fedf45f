// One record that a lease keeper keeps: what is wanted of it and how far that got.
#pragma once

#include <brontes/discovery/lease_keeper.hpp>
#include <optional>
#include <string>
#include <vector>

namespace brontes::detail {

//   wanted --put--> putting --> standing       leaving: wanted -> putting -> drained -> removing
//     ^--- failed, changed, touched ---'
enum class RecordPhase { kWanted, kPutting, kStanding, kDrained, kRemoving };

/// Confined to its keeper.
struct KeptRecord {
  static constexpr std::size_t kWaitingLimit = 64;

  Instance instance;  ///< as it shall stand
  std::string key;
  AnnouncementListener listener;  ///< may be null
  RecordPhase phase = RecordPhase::kWanted;
  bool leaving = false;
  bool stood = false;                ///< it was registered once
  TimePoint not_before{};            ///< of the next attempt
  std::uint64_t revision = 0;        ///< of our last acknowledged put
  WatchId watch;                     ///< of the own key; 0: none
  std::optional<TimePoint> lost_at;  ///< engaged from kLost to kReregistered
  std::vector<caf::response_promise> waiting;

  /// Whether it waits for its next step, which is due at `not_before`.
  bool idle() const { return phase == RecordPhase::kWanted || phase == RecordPhase::kDrained; }

  void want(Instance wanted);
  void leave();
  /// The registry has it as wanted.
  void stand(LeaseId lease, TimePoint now);
  /// The registry has it no more, though nobody here wished so.
  void lose(LeaseId lease, const Status& cause, TimePoint now);
  void attempt_at(RecordPhase step, TimePoint when);
  void answer();
  void tell_listener(AnnouncementEvent::Type type, LeaseId lease, Status cause = {},
                     Duration gap = {}) const;
};

}  // namespace brontes::detail
