#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/detail/announcement_state.hpp>
#include <brontes/discovery/detail/callback_crowd.hpp>
#include <brontes/discovery/detail/errand.hpp>
#include <brontes/discovery/detail/record_view.hpp>
#include <brontes/discovery/discovery_actors.hpp>
#include <brontes/discovery/registries/registry_url.hpp>
#include <brontes/discovery/snapshot_archive.hpp>
#include <brontes/discovery/target.hpp>
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <utility>

namespace brontes {
namespace {

SnapshotPtr snapshot_of(const Query& query, const RecordsListed& listed, TimePoint now) {
  detail::RecordView view(query, {});
  view.replace(listed, false, now);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->query = query;
  snapshot->revision = listed.revision;
  snapshot->epoch = listed.epoch;
  snapshot->status = SnapshotStatus::kLive;
  snapshot->instances = view.instances();
  snapshot->proven = now;
  return snapshot;
}

}  // namespace

struct Subscription::State {
  State(detail::Crowd joined, detail::CrowdMemberPtr as)
      : crowd(std::move(joined)), member(std::move(as)) {
    tell(crowd, detail::JoinCrowd{member});
  }
  ~State() {
    member->box.close();
    tell(crowd, detail::LeaveCrowd{member});
  }
  detail::Crowd crowd;
  detail::CrowdMemberPtr member;
};

Subscription::Subscription() = default;
Subscription::Subscription(std::unique_ptr<State> state) : state_(std::move(state)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&&) noexcept = default;
Subscription::~Subscription() = default;

struct Discovery::State {
  State(System& on, DiscoveryOptions wished) : system(on), options(std::move(wished)) {
    actors.registries = std::make_shared<Registries>(on, options.access);
    if (!options.snapshot_dir.empty())
      archive = spawn_snapshot_archive(on, {.directory = options.snapshot_dir});
    actors.resolver = spawn_resolver(on, actors.registries, {}, archive);
    crowd = detail::spawn_crowd(on, actors.resolver);
  }
  ~State() {
    stop(crowd);
    stop(actors.resolver);
    if (archive) stop(archive);
  }

  /// The keeper for that registry and ttl; one for all announcements that use it.
  std::shared_ptr<detail::KeeperUse> keeper(OpenRegistry open, std::chrono::seconds ttl) {
    const std::lock_guard lock(mutex);
    auto& slot = keepers[{open.url, ttl}];
    auto use = slot.lock();
    if (use && !use->abandoned) return use;
    LeaseKeeperOptions keeping;
    keeping.ttl = ttl;
    keeping.seed = std::random_device{}();
    slot = use = std::make_shared<detail::KeeperUse>(system, std::move(open), keeping);
    return use;
  }

  System& system;
  DiscoveryOptions options;
  SnapshotArchive archive{};
  DiscoveryActors actors{};
  detail::Crowd crowd{};
  std::mutex mutex{};
  std::map<std::pair<std::string, std::chrono::seconds>, std::weak_ptr<detail::KeeperUse>> keepers;
};

Discovery::Discovery(System& system, DiscoveryOptions options)
    : state_(std::make_unique<State>(system, std::move(options))) {}
Discovery::~Discovery() = default;

System& Discovery::system() const { return state_->system; }
const DiscoveryOptions& Discovery::options() const { return state_->options; }
const DiscoveryActors& Discovery::actors() const { return state_->actors; }

Status Discovery::check() const {
  if (auto open = state_->actors.registries->open(state_->options.registry); !open)
    return open.error();
  for (const auto& [scheme, url] : state_->options.registries)
    if (auto open = state_->actors.registries->open(url); !open) return open.error();
  if (state_->options.snapshot_dir.empty()) return {};
  const Status usable = check_snapshot_dir(state_->options.snapshot_dir);
  return usable.ok() ? usable : Status(usable.code(), "snapshot_dir: " + usable.message());
}

Expected<Located> Discovery::locate(std::string_view text) const {
  auto target = parse_target(text);
  if (!target) return fail(target.error());
  const DiscoveryOptions& options = state_->options;
  if (target->scheme == "discovery") return Located{options.registry, std::move(target->query)};
  if (!target->addresses.empty())
    return Located{"static://" + target->addresses, std::move(target->query)};
  const auto named = options.registries.find(target->scheme);
  if (named != options.registries.end()) return Located{named->second, std::move(target->query)};
  if (const auto url = parse_registry_url(options.registry); url && url->scheme == target->scheme)
    return Located{options.registry, std::move(target->query)};
  if (target->scheme == "memory") return Located{"memory:", std::move(target->query)};
  return fail(Errc::kFailedPrecondition, "target \"" + std::string(text) +
                                             "\": no registry is set for " + target->scheme +
                                             ":; set registries." + target->scheme);
}

Expected<Subscription> Discovery::subscribe(const Located& where, DiscoveryCallback callback) {
  auto open = state_->actors.registries->open(where.registry);
  if (!open) return fail(open.error());
  if (!callback) return fail(Errc::kInvalidArgument, "subscribe: the callback is empty");
  auto member =
      std::make_shared<detail::CrowdMember>(where.registry, where.query, std::move(callback));
  return Subscription(std::make_unique<Subscription::State>(state_->crowd, std::move(member)));
}

Expected<Subscription> Discovery::subscribe(std::string_view target, DiscoveryCallback callback) {
  const auto where = locate(target);
  if (!where) return fail(where.error());
  return subscribe(*where, std::move(callback));
}

Expected<Subscription> Discovery::subscribe(const Query& query, DiscoveryCallback callback) {
  return subscribe(Located{state_->options.registry, query}, std::move(callback));
}

Expected<Announcement> Discovery::announce(Instance instance, AnnounceOptions options) {
  if (options.ttl < std::chrono::seconds(2))
    return fail(Errc::kInvalidArgument, "announce " + instance.name + ": the ttl is below 2 s");
  auto open = state_->actors.registries->open(state_->options.registry);
  if (!open) return fail(open.error());
  if (!open->features.writable)
    return fail(Errc::kUnimplemented,
                "announce " + instance.name + " at " + open->url + ": it cannot be written");
  auto whole = detail::complete(std::move(instance), system());
  if (!whole) return fail(whole.error());
  auto use = state_->keeper(std::move(*open), options.ttl);
  auto state =
      std::make_shared<Announcement::State>(use, std::move(*whole), std::move(options.on_event));
  tell(use->keeper, AnnounceRecord{state->instance, state->listener});
  return Announcement(std::move(state));
}

Expected<SnapshotPtr> Discovery::list(std::string_view target, Duration timeout) {
  const auto where = locate(target);
  if (!where) return fail(where.error());
  return list(*where, timeout);
}

Expected<SnapshotPtr> Discovery::list(const Query& query, Duration timeout) {
  return list(Located{state_->options.registry, query}, timeout);
}

Expected<SnapshotPtr> Discovery::list(const Located& where, Duration timeout) {
  if (system().deterministic())
    return fail(Errc::kFailedPrecondition, "list waits, and a deterministic system would not move");
  auto open = state_->actors.registries->open(where.registry);
  if (!open) return fail(open.error());
  auto promise = std::make_shared<std::promise<Expected<RecordsListed>>>();
  auto answer = promise->get_future();
  detail::run_errand<RecordsListed>(system(), open->registry, timeout, ListRecords{where.query},
                                    [promise, life = *open](Expected<RecordsListed> listed) {
                                      promise->set_value(std::move(listed));
                                    });
  const auto listed = answer.get();
  if (!listed)
    return fail(listed.error().code(),
                "list " + (where.query.name.empty() ? "all" : where.query.to_string()) + " at " +
                    open->url + ": " + listed.error().message());
  return snapshot_of(where.query, *listed, system().clock().now());
}

}  // namespace brontes
