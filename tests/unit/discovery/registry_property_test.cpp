// Random schedules against the memory registry, under virtual time: what a plain watcher and a
// watch loop know must be what a reference model says, whatever happened on the way.
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <brontes/discovery/watch_loop.hpp>
#include <map>
#include <memory>
#include <random>

namespace brontes {
namespace {

using namespace std::chrono_literals;

const Query kQuery{"svc", "", {}, {}};
using View = std::map<std::string, std::string>;  // instance id -> weight

/// What must be true, as plainly as it can be said.
struct Model {
  struct Lease {
    TimePoint deadline;
    std::chrono::seconds ttl;
  };
  std::map<LeaseId, Lease> leases;
  std::map<std::string, std::pair<LeaseId, std::string>> records;

  void end(LeaseId lease) {
    leases.erase(lease);
    std::erase_if(records, [&](const auto& entry) { return entry.second.first == lease; });
  }
  void lapse(TimePoint now) {
    std::vector<LeaseId> over;
    for (const auto& [id, lease] : leases)
      if (lease.deadline <= now) over.push_back(id);
    for (const LeaseId id : over) end(id);
  }
  View view() const {
    View result;
    for (const auto& [id, record] : records) result[id] = record.second;
    return result;
  }
};

/// What a recorder saw; shared with the test.
struct Seen {
  View view;
  std::uint64_t revision = 0;
  bool watching = false;
  int violations = 0;  ///< of order, uniqueness, atomicity
  int resumed = 0, listed = 0;
};

struct Resume {};
struct Pause {};

}  // namespace
}  // namespace brontes

BRONTES_MESSAGE(brontes::Resume)
BRONTES_MESSAGE(brontes::Pause)

namespace brontes {
namespace {

using RecorderHandle = Interface<void(RecordsChanged), void(WatchBroken), void(WatchProgress),
                                 void(Resume), void(Pause)>;

/// A watcher without any cleverness: it resumes where it was, and lists only when it must.
class Recorder final : public RecorderHandle::base {
 public:
  Recorder(caf::actor_config& config, Registry registry, std::shared_ptr<Seen> seen)
      : RecorderHandle::base(config), registry_(std::move(registry)), seen_(std::move(seen)) {}

  behavior_type make_behavior() override {
    return {
        [this](const RecordsChanged& changed) { apply(changed); },
        [this](const WatchBroken& broken) {
          if (broken.watch != watch_) return;
          // Only a wipe breaks a watch here, and then what was seen means nothing any more.
          seen_->revision = 0;
          seen_->watching = false;
        },
        [](WatchProgress) {},
        [this](Resume) {
          if (!seen_->watching) seen_->revision > 0 ? resume() : list();
        },
        [this](Pause) {
          brontes::send(this, registry_, StopWatch{watch_, caf::actor_cast<Watcher>(this)});
          watch_ = {};
          seen_->watching = false;
        },
    };
  }
  void on_exit() override { registry_ = Registry(); }

 private:
  void list() {
    ask(this, registry_, 1s, ListRecords{kQuery}).then([this](const RecordsListed& listed) {
      seen_->view.clear();
      for (const Record& record : listed.records) note(record);
      seen_->revision = listed.revision;
      ++seen_->listed;
      resume();
    });
  }

  void resume() {
    watch_ = {++last_watch_};
    const WatchRecords wish{watch_, kQuery, seen_->revision, caf::actor_cast<Watcher>(this)};
    ask(this, registry_, 1s, wish)
        .then(
            [this](const WatchStarted&) {
              seen_->watching = true;
              ++seen_->resumed;
            },
            [this](const caf::error&) { list(); });
  }

  void note(const Record& record) {
    seen_->view[record.instance->instance_id] = std::to_string(record.instance->weight);
  }

  void apply(const RecordsChanged& changed) {
    if (changed.watch != watch_) return;
    std::uint64_t last = 0;
    for (const RecordEvent& event : changed.events) {
      const bool seen_before = event.record.revision <= seen_->revision;
      if (seen_before || event.record.revision < last) ++seen_->violations;
      last = event.record.revision;
      if (event.type == RecordEvent::Type::kPut)
        note(event.record);
      else
        seen_->view.erase(event.record.key.substr(event.record.key.rfind('/') + 1));
    }
    if (last != changed.revision) ++seen_->violations;
    seen_->revision = changed.revision;
  }

  Registry registry_;
  std::shared_ptr<Seen> seen_;
  WatchId watch_;
  std::uint64_t last_watch_ = 0;
};

/// Keeps the newest snapshot; revisions must not fall within an epoch, nor epochs ever.
class Sink final : public SnapshotSink::base {
 public:
  Sink(caf::actor_config& config, SnapshotPtr* newest, bool* in_order)
      : SnapshotSink::base(config), newest_(newest), in_order_(in_order) {}

  behavior_type make_behavior() override {
    return {[this](const SnapshotChanged& changed) {
      const Snapshot& before = **newest_;
      const Snapshot& now = *changed.snapshot;
      if (now.epoch < before.epoch || (now.epoch == before.epoch && now.revision < before.revision))
        *in_order_ = false;
      *newest_ = changed.snapshot;
    }};
  }

 private:
  SnapshotPtr* newest_;
  bool* in_order_;
};

struct RegistryProperty : ScenarioTest, ::testing::WithParamInterface<int> {
  std::mt19937 random{static_cast<std::uint32_t>(GetParam())};
  MemoryRegistry memory = spawn_memory_registry(system(), {.history_limit = 40});
  Probe<Registry> asker = probe<Registry>("asker");
  std::shared_ptr<Seen> seen = std::make_shared<Seen>();
  RecorderHandle recorder = spawn<Recorder>(Registry(memory), seen);
  SnapshotPtr sink_view = std::make_shared<const Snapshot>();  // what the loop said last
  bool published_in_order = true;
  SnapshotSink sink = spawn<Sink>(&sink_view, &published_in_order);
  WatchLoop loop = spawn_watch_loop(system(), {"memory:", memory, {}, nullptr}, kQuery, sink,
                                    WatchLoopOptions{.seed = 7});
  Model model;
  ~RegistryProperty() override {
    stop(loop);
    stop(memory);
  }

  std::uint32_t pick(std::uint32_t below) { return random() % below; }
  LeaseId some_lease() {
    if (model.leases.empty() || pick(10) == 0) return LeaseId{999'999};
    return std::next(model.leases.begin(), pick(model.leases.size()))->first;
  }

  void grant() {
    const std::chrono::seconds ttl(2 + pick(20));
    asker.tell(memory, GrantLease{ttl});
    model.leases[asker.expect<LeaseGranted>()->lease] = {now() + ttl, ttl};
  }
  void put() {
    const LeaseId lease = some_lease();
    Instance instance;
    instance.name = "svc";
    instance.instance_id = "i" + std::to_string(pick(12));
    instance.address = "h:1";
    instance.weight = 1 + pick(3);
    asker.tell(memory, PutRecord{lease, instance});
    if (!model.leases.contains(lease)) {
      EXPECT_EQ(asker.expect<Status>()->code(), Errc::kNotFound);
      return;
    }
    asker.expect<RecordPut>();
    model.records[instance.instance_id] = {lease, std::to_string(instance.weight)};
  }
  void renew() {
    const LeaseId lease = some_lease();
    asker.tell(memory, RenewLease{lease});
    const auto held = model.leases.find(lease);
    if (held == model.leases.end()) {
      asker.expect<Status>();
      return;
    }
    asker.expect<LeaseRenewed>();
    held->second.deadline = now() + held->second.ttl;
  }
  void step() {
    switch (pick(16)) {
      case 0:
      case 1:
        return grant();
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
        return put();
      case 7:
      case 8:
        return renew();
      case 9: {
        const LeaseId lease = some_lease();
        asker.tell(memory, RevokeLease{lease});
        asker.expect<Done>();
        return model.end(lease);
      }
      case 10: {
        const LeaseId lease = some_lease();
        if (model.leases.contains(lease)) tell(memory, ExpireLease{lease});
        return model.end(lease);
      }
      case 11:
        return tell(memory, CompactHistory{});
      case 12:
        return pick(6) == 0 ? wipe() : tell(recorder, Pause{});
      default:
        advance(std::chrono::milliseconds(pick(3000)));
        return model.lapse(now());
    }
  }
  void wipe() {
    tell(memory, WipeRegistry{});
    model = {};
  }

  View listed() {
    asker.tell(memory, ListRecords{kQuery});
    View result;
    const auto answer = asker.expect<RecordsListed>();
    for (const Record& record : answer->records)
      result[record.instance->instance_id] = std::to_string(record.instance->weight);
    return result;
  }
  View published() {
    View result;
    for (const auto& instance : sink_view->instances)
      result[instance->instance_id] = std::to_string(instance->weight);
    return result;
  }
};

TEST_P(RegistryProperty, WatchersKnowWhatTheModelSays) {
  tell(recorder, Resume{});
  for (int i = 0; i < 400; ++i) {
    step();
    if (pick(3) > 0) tell(recorder, Resume{});
    run();
    ASSERT_EQ(listed(), model.view()) << "step " << i;
    if (seen->watching && seen->view != model.view()) FAIL() << "the watcher errs, step " << i;
    if (HasFailure()) return;
  }
  EXPECT_EQ(seen->violations, 0);
  EXPECT_GT(seen->resumed, seen->listed);  // it did resume without a list

  tell(memory, SetFaults{.frozen_leases = true});
  advance(70s);  // nothing is held back any more
  EXPECT_EQ(published(), model.view());
  EXPECT_TRUE(published_in_order);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RegistryProperty, ::testing::Range(1, 21));

}  // namespace
}  // namespace brontes
