// The way of one client to a registry, and what goes wrong on it: under virtual time the part that
// a TCP proxy plays before real servers.
#pragma once

#include <algorithm>
#include <brontes/discovery/registry.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace brontes {

/// What goes wrong from now on; replaces what went wrong before. `GateRules{}` heals.
struct GateRules {
  bool refuse = false;  ///< questions are answered kUnavailable, watches break
  Duration delay{};     ///< of answers and changes
  Duration
      before_watch{};    ///< so late a watch begins: what happens meanwhile is between two worlds
  int lost_answers = 0;  ///< what was asked is done
  int lost_starts = 0;   ///< of watches: they are never told to have begun
  bool stale_echo = false;      ///< each change is followed by the one before it
  bool lying_renewals = false;  ///< are answered as if the lease were held
};
/// Tells the watches that nothing is missing up to there.
struct GateProgress {
  std::uint64_t revision = 0;
};
/// Self -> self.
struct GateDue {
  std::uint64_t number = 0;
};

/// What came by.
struct GateTraffic {
  int grants = 0, renewals = 0, puts = 0, lists = 0, watches = 0;
  std::vector<TimePoint> questions;  ///< when

  /// The most in any second.
  std::size_t busiest_second() const {
    std::size_t most = 0, begin = 0;
    for (std::size_t end = 0; end < questions.size(); ++end) {
      while (questions[end] - questions[begin] >= std::chrono::seconds(1)) ++begin;
      most = std::max(most, end - begin + 1);
    }
    return most;
  }
};

}  // namespace brontes

BRONTES_MESSAGE(brontes::GateRules)
BRONTES_MESSAGE(brontes::GateProgress)
BRONTES_MESSAGE(brontes::GateDue)

namespace brontes {

using RegistryGate =
    Interface<LeaseGranted(GrantLease), RecordPut(PutRecord), LeaseRenewed(RenewLease),
              void(RevokeLease), void(RemoveRecord), RecordsListed(ListRecords),
              WatchStarted(WatchRecords), void(StopWatch),                   // so far Registry
              void(RecordsChanged), void(WatchBroken), void(WatchProgress),  // so far Watcher
              void(GateRules), void(GateProgress), void(GateDue)>;

/// Stands between one client and a registry: `auto gate = stage.spawn<RegistryGateActor>(registry,
/// traffic); stage.tell(gate, GateRules{.refuse = true});`.
class RegistryGateActor final : public RegistryGate::base {
 public:
  RegistryGateActor(caf::actor_config& config, Registry behind,
                    std::shared_ptr<GateTraffic> traffic);
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  void later(Duration delay, std::function<void()> f);
  template <class Reply, class M>
  caf::result<Reply> pass(const M& wish, int& count, Duration wait = {});
  caf::result<LeaseRenewed> renew(const RenewLease& wish);
  caf::result<WatchStarted> start_watch(const WatchRecords& wish);
  void stop_watch(const StopWatch& wish);
  template <class M>
  void told(const M& message);
  void set(const GateRules& rules);

  Registry behind_;
  std::shared_ptr<GateTraffic> traffic_;
  GateRules rules_;
  std::map<WatchId, Watcher> watches_;  // of one client, so the ids are unique
  std::map<WatchId, RecordsChanged> last_;
  std::map<std::uint64_t, std::function<void()>> late_;
  std::uint64_t last_number_ = 0;
};

}  // namespace brontes
