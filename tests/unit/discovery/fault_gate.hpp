// The way of one client to a registry, and what goes wrong on it: under virtual time the part that
// a TCP proxy plays before real servers.
#pragma once

#include <brontes/discovery/registry.hpp>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace brontes::testing {

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
struct GateDue {
  std::uint64_t number = 0;
};

/// What came by.
struct Traffic {
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

}  // namespace brontes::testing

BRONTES_MESSAGE(brontes::testing::GateRules)
BRONTES_MESSAGE(brontes::testing::GateProgress)
BRONTES_MESSAGE(brontes::testing::GateDue)

namespace brontes::testing {

using Gate =
    Interface<LeaseGranted(GrantLease), RecordPut(PutRecord), LeaseRenewed(RenewLease),
              void(RevokeLease), void(RemoveRecord), RecordsListed(ListRecords),
              WatchStarted(WatchRecords), void(StopWatch),                   // so far Registry
              void(RecordsChanged), void(WatchBroken), void(WatchProgress),  // so far Watcher
              void(GateRules), void(GateProgress), void(GateDue)>;

class GateActor final : public Gate::base {
 public:
  GateActor(caf::actor_config& config, Registry behind, std::shared_ptr<Traffic> traffic)
      : Gate::base(config), behind_(std::move(behind)), traffic_(std::move(traffic)) {}

  behavior_type make_behavior() override {
    return {
        [this](const GrantLease& wish) { return pass<LeaseGranted>(wish, traffic_->grants); },
        [this](const PutRecord& wish) { return pass<RecordPut>(wish, traffic_->puts); },
        [this](const RenewLease& wish) { return renew(wish); },
        [this](const RevokeLease& wish) { return pass<void>(wish, traffic_->puts); },
        [this](const RemoveRecord& wish) { return pass<void>(wish, traffic_->puts); },
        [this](const ListRecords& wish) { return pass<RecordsListed>(wish, traffic_->lists); },
        [this](const WatchRecords& wish) { return start_watch(wish); },
        [this](const StopWatch& wish) { stop_watch(wish); },
        [this](const RecordsChanged& changed) { told(changed); },
        [this](const WatchBroken& broken) { told(broken); },
        [this](const WatchProgress& progress) { told(progress); },
        [this](const GateRules& rules) { set(rules); },
        [this](GateProgress progress) {
          for (const auto& [id, watcher] : watches_)
            brontes::send(this, watcher, WatchProgress{id, progress.revision});
        },
        [this](GateDue due) {
          if (auto node = late_.extract(due.number)) node.mapped()();
        },
    };
  }
  void on_exit() override {
    behind_ = Registry();
    watches_.clear();
    late_.clear();
    last_.clear();
  }

 private:
  static constexpr Duration kForever = std::chrono::hours(24);
  static constexpr std::chrono::seconds kLyingTtl{6};

  void later(Duration delay, std::function<void()> f) {
    if (delay <= Duration{}) return f();
    late_.emplace(++last_number_, std::move(f));
    send_after(this, caf::actor_cast<Gate>(this), delay, GateDue{last_number_});
  }

  template <class Reply, class M>
  caf::result<Reply> pass(const M& wish, int& count, Duration wait = {}) {
    ++count;
    traffic_->questions.push_back(brontes::now(this));
    if (rules_.refuse) return to_error({Errc::kUnavailable, "connection refused"});
    auto promise = make_response_promise<caf::response_promise>();
    int& losses = std::is_same_v<M, WatchRecords> ? rules_.lost_starts : rules_.lost_answers;
    const bool lost = losses > 0 && losses-- > 0;
    const auto deliver = [this, promise, lost](auto what) {
      if (!lost)
        later(rules_.delay, [promise, what]() mutable { promise.deliver(std::move(what)); });
    };
    later(wait, [this, wish, deliver] {
      const auto failed = [deliver](const caf::error& error) { deliver(error); };
      if constexpr (std::is_void_v<Reply>)
        ask(this, behind_, kForever, wish).then([deliver] { deliver(caf::unit); }, failed);
      else
        ask(this, behind_, kForever, wish)
            .then([deliver](const Reply& reply) { deliver(reply); }, failed);
    });
    return promise;
  }

  caf::result<LeaseRenewed> renew(const RenewLease& wish) {
    if (rules_.lying_renewals) return LeaseRenewed{wish.lease, kLyingTtl};
    return pass<LeaseRenewed>(wish, traffic_->renewals);
  }

  caf::result<WatchStarted> start_watch(const WatchRecords& wish) {
    if (!rules_.refuse) watches_[wish.watch] = wish.watcher;
    const WatchRecords ours{wish.watch, wish.query, wish.after_revision,
                            caf::actor_cast<Watcher>(this)};
    return pass<WatchStarted>(ours, traffic_->watches, rules_.before_watch);
  }
  void stop_watch(const StopWatch& wish) {
    watches_.erase(wish.watch);
    last_.erase(wish.watch);
    brontes::send(this, behind_, StopWatch{wish.watch, caf::actor_cast<Watcher>(this)});
  }

  template <class M>
  void told(const M& message) {
    later(rules_.delay, [this, message] {
      const auto found = watches_.find(message.watch);
      if (found == watches_.end()) return;
      brontes::send(this, found->second, message);
      if constexpr (std::is_same_v<M, RecordsChanged>) {
        if (rules_.stale_echo && last_.contains(message.watch))
          brontes::send(this, found->second, last_[message.watch]);
        last_[message.watch] = message;
      }
      if (std::is_same_v<M, WatchBroken>) watches_.erase(found);
    });
  }

  void set(const GateRules& rules) {
    rules_ = rules;
    if (!rules.refuse) return;
    for (const auto& [id, watcher] : std::exchange(watches_, {})) {
      brontes::send(this, watcher, WatchBroken{id, {Errc::kUnavailable, "connection reset"}});
      brontes::send(this, behind_, StopWatch{id, caf::actor_cast<Watcher>(this)});
    }
  }

  Registry behind_;
  std::shared_ptr<Traffic> traffic_;
  GateRules rules_;
  std::map<WatchId, Watcher> watches_;  ///< of one client, so the ids are unique
  std::map<WatchId, RecordsChanged> last_;
  std::map<std::uint64_t, std::function<void()>> late_;
  std::uint64_t last_number_ = 0;
};

}  // namespace brontes::testing
