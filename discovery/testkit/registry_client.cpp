#include <brontes/discovery/testkit/registry_client.hpp>

#include <utility>

namespace brontes {
namespace {

class Recorder final : public Watcher::base {
 public:
  Recorder(caf::actor_config& config, WatchId watch, std::shared_ptr<Seen> seen)
      : Watcher::base(config), watch_(watch), seen_(std::move(seen)) {}

  behavior_type make_behavior() override {
    return {[this](const RecordsChanged& changed) { apply(changed); },
            [this](const WatchBroken& broken) {
              const std::lock_guard lock(seen_->mutex);
              seen_->broken = true;
              seen_->cause = broken.cause;
              seen_->changed.notify_all();
            },
            [](WatchProgress) {}};
  }

 private:
  void apply(const RecordsChanged& changed) {
    const std::lock_guard lock(seen_->mutex);
    const auto expect = [&](bool holds, const std::string& what) {
      if (!holds) seen_->violations.push_back(what);
    };
    expect(changed.watch == watch_, "changes of another watch");
    expect(!changed.events.empty(), "changes without a change");
    std::uint64_t last = seen_->revision;
    for (const RecordEvent& event : changed.events) {
      expect(event.record.revision > seen_->revision, event.record.key + ": seen before");
      expect(event.record.revision >= last, event.record.key + ": out of order");
      last = event.record.revision;
      seen_->events.push_back(event);
      if (event.type == RecordEvent::Type::kRemoved)
        seen_->view.erase(event.record.key);
      else if (event.record.instance)
        seen_->view[event.record.key] = event.record.instance;
    }
    expect(changed.revision == last, "the revision is not that of the last change");
    seen_->revision = changed.revision;
    seen_->changed.notify_all();
  }

  const WatchId watch_;
  std::shared_ptr<Seen> seen_;
};

}  // namespace

Expected<WatchStarted> RegistryClient::start(const Query& query, std::uint64_t after) {
  watch_ = {watch_.value + 1};
  watcher_ = system_.caf().spawn<Recorder>(watch_, seen_);
  return ask<WatchStarted>(WatchRecords{watch_, query, after, watcher_});
}

Expected<WatchStarted> RegistryClient::watch(const Query& query, std::uint64_t after) {
  stop_watching();
  seen_ = std::make_shared<Seen>();
  seen_->revision = after;
  return start(query, after);
}

Expected<WatchStarted> RegistryClient::resume(const Query& query) {
  stop_watching();
  const auto before = std::exchange(seen_, std::make_shared<Seen>());
  {
    const std::lock_guard lock(before->mutex);  // the old watcher may still be at work
    seen_->view = before->view;
    seen_->revision = before->revision;
    seen_->violations = before->violations;
  }
  return start(query, seen_->revision);
}

void RegistryClient::stop_watching() {
  if (!watcher_) return;
  tell(registry_, StopWatch{watch_, watcher_});
  stop(watcher_);
  watcher_ = nullptr;
}

std::vector<RecordEvent> RegistryClient::events(std::size_t least) {
  wait_until([&](const Seen& seen) { return seen.events.size() >= least; });
  const std::lock_guard lock(seen_->mutex);
  return std::exchange(seen_->events, {});
}

Status RegistryClient::why_broken() {
  wait_until([](const Seen& seen) { return seen.broken; });
  const std::lock_guard lock(seen_->mutex);
  return seen_->cause;
}

std::vector<std::string> RegistryClient::violations() {
  const std::lock_guard lock(seen_->mutex);
  return seen_->violations;
}

Instance sample_instance(const std::string& id, const std::string& name, const std::string& version,
                         std::uint64_t born) {
  Instance result;
  result.name = name;
  result.version = version;
  result.instance_id = id;
  result.address = "127.0.0.1:80";
  result.metadata["brontes.incarnation"] = std::to_string(born);
  return result;
}

}  // namespace brontes
