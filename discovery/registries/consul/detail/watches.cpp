// Who is told of changes.
#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/discovery/registries/consul/detail/consul_registry_actor.hpp>

namespace brontes::consul {
namespace {

constexpr std::size_t kWatches = 10'000;
constexpr std::size_t kWanted = 64;  // questions that wait at an agent, which bears 200 connections

bool concerns(const ConsulWatch& watch, const std::string& name) {
  return watch.wish.query.name.empty() || watch.wish.query.name == name;
}

/// std::erase_if() shows maps as constant.
template <class F>
void erase_watches(std::map<std::uint64_t, ConsulWatch>& watches, F is_over) {
  for (auto at = watches.begin(); at != watches.end();)
    at = is_over(at->second) ? watches.erase(at) : std::next(at);
}

}  // namespace

bool ConsulRegistryActor::is_wanted(const std::string& name) const {
  const auto found = mirrors_.find(name);
  if (found != mirrors_.end() && !found->second.waiters.empty()) return true;
  const bool listed = name.empty() || names_.contains(name);
  return std::any_of(watches_.begin(), watches_.end(), [&](const auto& entry) {
    const std::string& wanted = entry.second.wish.query.name;
    return wanted == name || (wanted.empty() && listed);
  });
}

std::size_t ConsulRegistryActor::wanted_count() const {
  return static_cast<std::size_t>(
      std::count_if(mirrors_.begin(), mirrors_.end(),
                    [this](const auto& entry) { return is_wanted(entry.first); }));
}

caf::result<WatchStarted> ConsulRegistryActor::start_watch(const WatchRecords& wish) {
  stop_watch({wish.watch, wish.watcher});
  const std::string& name = wish.query.name;
  if (watches_.size() >= kWatches || (!is_wanted(name) && wanted_count() >= kWanted))
    return to_error({Errc::kResourceExhausted,
                     "watch " + wish.query.to_string() + ": too many watches, or services"});
  if (monitored_.insert(wish.watcher.address()).second) brontes::monitor(this, wish.watcher);
  const std::uint64_t number = ++last_number_;
  ConsulWatch& watch = watches_[number];
  watch.wish = wish;
  watch.revision = wish.after_revision;
  watch.started = make_response_promise<caf::response_promise>();
  const caf::response_promise promise = watch.started;
  refresh_all(name, [this, number](const Status& status) { begin_watch(number, status); });
  return promise;
}

void ConsulRegistryActor::begin_watch(std::uint64_t number, const Status& refreshed) {
  const auto at = watches_.find(number);
  if (at == watches_.end()) return;
  ConsulWatch& watch = at->second;
  const std::uint64_t revision = store_.revision();
  Status status = refreshed;
  if (status.ok() && watch.revision > revision)
    status = {Errc::kOutOfRange,
              "revision " + std::to_string(watch.revision) + " is none of this process; list anew"};
  if (status.ok())
    if (const auto changes = store_.changes_after(watch.revision, watch.wish.query); !changes)
      status = changes.error();
  if (status.ok() && watch.wish.query.name.empty() && names_.size() >= kWanted)
    status = {Errc::kResourceExhausted, "there are " + std::to_string(names_.size()) +
                                            " services, too many to watch; name one"};
  if (!status.ok()) {
    const auto promise = watch.started;
    watches_.erase(at);
    return caf::response_promise(promise).deliver(to_error(status));
  }
  watch.established = true;
  watch.started.deliver(WatchStarted{watch.wish.watch, revision, epoch_});
  (void)send_changes(watch);
  const std::string name = watch.wish.query.name;
  pump(name);
  if (name.empty())
    for (const std::string& one : names_) pump(one);
}

void ConsulRegistryActor::stop_watch(const StopWatch& wish) {
  erase_watches(watches_, [&](ConsulWatch& watch) {
    const bool meant = watch.wish.watch == wish.watch && watch.wish.watcher == wish.watcher;
    if (meant && !watch.established)
      watch.started.deliver(to_error({Errc::kCancelled, "the watch was stopped"}));
    return meant;
  });
}

void ConsulRegistryActor::forget(const caf::actor_addr& watcher) {
  monitored_.erase(watcher);
  erase_watches(watches_,
                [&](const ConsulWatch& watch) { return watch.wish.watcher.address() == watcher; });
}

void ConsulRegistryActor::publish(const std::string& name) {
  erase_watches(watches_, [&](ConsulWatch& watch) {
    if (!watch.established || !concerns(watch, name)) return false;
    const Status status = send_changes(watch);
    if (!status.ok())
      brontes::send(this, watch.wish.watcher, WatchBroken{watch.wish.watch, status});
    return !status.ok();
  });
}

Status ConsulRegistryActor::send_changes(ConsulWatch& watch) {
  auto changes = store_.changes_after(watch.revision, watch.wish.query);
  if (!changes) return changes.error();
  watch.revision = store_.revision();
  const WatchId id = watch.wish.watch;
  if (changes->empty()) {
    brontes::send(this, watch.wish.watcher, WatchProgress{id, watch.revision});
  } else {
    const std::uint64_t last = changes->back().record.revision;
    brontes::send(this, watch.wish.watcher, RecordsChanged{id, last, std::move(*changes)});
  }
  return {};
}

void ConsulRegistryActor::break_watches(const std::string& name, const Status& cause) {
  erase_watches(watches_, [&](ConsulWatch& watch) {
    if (!watch.established || !concerns(watch, name)) return false;
    log_debug(kRegistryName, "watch over query={} cause=\"{}\"", watch.wish.query.to_string(),
              cause.to_string());
    brontes::send(this, watch.wish.watcher, WatchBroken{watch.wish.watch, cause});
    return true;
  });
}

}  // namespace brontes::consul
