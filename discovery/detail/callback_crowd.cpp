#include <algorithm>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/detail/callback_crowd.hpp>
#include <map>
#include <set>
#include <thread>
#include <utility>

namespace brontes::detail {
namespace {

constexpr const char* kLaneName = "discovery.subscription";
constexpr std::size_t kWave = 256;  // lanes begin while the rest is being queued
constexpr int kTurn = 64;           // that a lane runs before other actors have their turn

using Lane = Interface<void(LaneDue)>;

enum class LaneState {
  kIdle,
  kWoken,    ///< it has been told to begin
  kRunning,  ///< it looks into the queue until that is empty, unless a callback stands still
};

struct Lanes {
  explicit Lanes(std::size_t count) : states(count) {}
  CrowdQueue queue;
  std::vector<std::atomic<LaneState>> states;
};

class LaneActor : public Lane::base {
 public:
  LaneActor(caf::actor_config& config, std::shared_ptr<Lanes> lanes, std::size_t number,
            Crowd crowd)
      : Lane::base(config), lanes_(std::move(lanes)), number_(number), crowd_(std::move(crowd)) {}

  behavior_type make_behavior() override {
    return {[this](LaneDue) { run_some(); }};
  }
  void on_exit() override { crowd_ = nullptr; }

 private:
  void run_some() {
    state() = LaneState::kRunning;
    for (int i = 0; i < kTurn; ++i) {
      const CrowdMemberPtr member = next();
      if (!member) return;
      run(member);
    }
    state() = LaneState::kWoken;
    tell(crowd_, LaneRests{number_});
  }

  /// Null: nobody is left, and who comes now finds this lane idle, or has woken it already.
  CrowdMemberPtr next() {
    for (;;) {
      if (auto member = lanes_->queue.next(wave_)) return member;
      state() = LaneState::kIdle;
      if (lanes_->queue.empty()) return nullptr;
      LaneState idle = LaneState::kIdle;
      if (!state().compare_exchange_strong(idle, LaneState::kRunning)) return nullptr;
    }
  }

  std::atomic<LaneState>& state() { return lanes_->states[number_]; }

  void run(const CrowdMemberPtr& member) {
    if (const auto event = member->slot.take()) member->box.call(*event, kLaneName);
    member->busy = false;
    // What was put meanwhile found it busy.
    if (!member->slot.is_empty() && !member->busy.exchange(true)) lanes_->queue.push({member});
  }

  const std::shared_ptr<Lanes> lanes_;
  const std::size_t number_;
  Crowd crowd_;
  CrowdQueue::WavePtr wave_;
};

class CrowdActor : public Crowd::base {
 public:
  CrowdActor(caf::actor_config& config, System& system, Resolver resolver, std::size_t lanes)
      : Crowd::base(config),
        system_(system),
        resolver_(std::move(resolver)),
        lanes_(std::make_shared<Lanes>(lanes)) {}

  behavior_type make_behavior() override {
    return {
        [this](const SnapshotReady& ready) { tell_all(ready); },
        [this](const JoinCrowd& wish) { join(wish.member); },
        [this](const LeaveCrowd& wish) { leave(wish.member); },
        [this](LaneRests rests) { resume(rests.lane); },
    };
  }
  void on_exit() override {
    for (const Lane& lane : lane_actors_) stop(lane);
    lane_actors_.clear();
    groups_.clear();
    resolver_ = nullptr;
  }

 private:
  using Key = std::pair<std::string, Query>;
  struct Group {
    SnapshotPtr newest;  ///< null until there is something to tell
    std::set<CrowdMemberPtr> members;
  };

  static Key key_of(const SubscriberSlot& slot) { return {slot.registry(), slot.query()}; }
  Subscriber itself() { return caf::actor_cast<Subscriber>(this); }

  void join(const CrowdMemberPtr& member) {
    if (lane_actors_.empty()) spawn_lanes();
    const Key key = key_of(member->slot);
    Group& group = groups_[key];
    if (group.members.empty()) tell(resolver_, Subscribe{key.first, key.second, itself()});
    group.members.insert(member);
    if (!group.newest) return;
    const auto step = std::make_shared<const SnapshotStep>(nullptr, group.newest);
    std::vector<CrowdMemberPtr> wave;
    put(member, step, wave);
    queue(std::move(wave));
  }

  void spawn_lanes() {
    for (std::size_t i = 0; i < lanes_->states.size(); ++i)
      lane_actors_.push_back(
          spawn_plumbing<LaneActor>(system_, kLaneName, lanes_, i, caf::actor_cast<Crowd>(this)));
  }

  void leave(const CrowdMemberPtr& member) {
    const Key key = key_of(member->slot);
    const auto found = groups_.find(key);
    if (found == groups_.end() || found->second.members.erase(member) == 0) return;
    if (!found->second.members.empty()) return;
    groups_.erase(found);
    tell(resolver_, Unsubscribe{key.first, key.second, itself()});
  }

  void tell_all(const SnapshotReady& ready) {
    const auto step = ready.slot->take_step();
    const auto found = groups_.find(key_of(*ready.slot));
    if (!step || found == groups_.end()) return;
    Group& group = found->second;
    group.newest = step->now();
    std::vector<CrowdMemberPtr> wave;
    for (const CrowdMemberPtr& member : group.members) {
      put(member, step, wave);
      if (wave.size() == kWave) queue(std::exchange(wave, {}));
    }
    queue(std::move(wave));
  }

  static void put(const CrowdMemberPtr& member, const std::shared_ptr<const SnapshotStep>& step,
                  std::vector<CrowdMemberPtr>& wave) {
    member->slot.put(step);
    if (!member->busy.exchange(true)) wave.push_back(member);
  }

  /// Wakes as many idle lanes as are of use; those that run will look into the queue again.
  void queue(std::vector<CrowdMemberPtr> wave) {
    std::size_t wanted = wave.size();
    if (wanted > 0) lanes_->queue.push(std::move(wave));
    for (std::size_t lane = 0; lane < lane_actors_.size() && wanted > 0; ++lane) {
      LaneState idle = LaneState::kIdle;
      if (!lanes_->states[lane].compare_exchange_strong(idle, LaneState::kWoken)) continue;
      tell(lane_actors_[lane], LaneDue{});
      --wanted;
    }
  }

  void resume(std::size_t lane) {
    if (lane < lane_actors_.size()) tell(lane_actors_[lane], LaneDue{});
  }

  System& system_;
  Resolver resolver_;
  const std::shared_ptr<Lanes> lanes_;
  std::vector<Lane> lane_actors_;
  std::map<Key, Group> groups_;
};

}  // namespace

void CrowdQueue::push(std::vector<CrowdMemberPtr> members) {
  auto wave = std::make_shared<Wave>();
  wave->members = std::move(members);
  const std::lock_guard lock(mutex_);
  waves_.push_back(std::move(wave));
}

bool CrowdQueue::empty() {
  const std::lock_guard lock(mutex_);
  return std::none_of(waves_.begin(), waves_.end(), [](const WavePtr& wave) {
    return wave->next.load(std::memory_order_relaxed) < wave->members.size();
  });
}

CrowdMemberPtr CrowdQueue::next(WavePtr& wave) {
  for (;;) {
    if (wave) {
      const std::size_t mine = wave->next.fetch_add(1, std::memory_order_relaxed);
      if (mine < wave->members.size()) return std::move(wave->members[mine]);
    }
    const std::lock_guard lock(mutex_);
    if (!waves_.empty() && waves_.front() == wave) waves_.pop_front();
    wave = waves_.empty() ? nullptr : waves_.front();
    if (!wave) return nullptr;
  }
}

Crowd spawn_crowd(System& system, Resolver resolver) {
  // One that stands still takes one lane, and a thread of the pool with it.
  const std::size_t lanes = std::max(2u, std::thread::hardware_concurrency());
  return spawn_plumbing<CrowdActor>(system, "discovery.crowd", std::ref(system),
                                    std::move(resolver), lanes);
}

}  // namespace brontes::detail
