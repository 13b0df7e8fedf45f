#include <algorithm>
#include <brontes/discovery/testkit/detail/peer_link.hpp>
#include <brontes/discovery/testkit/detail/world_core.hpp>
#include <brontes/discovery/testkit/world.hpp>

namespace brontes {

namespace detail {

WorldCore::WorldCore(Scenario& stage_, std::uint64_t seed_, std::chrono::seconds ttl_)
    : stage(stage_),
      seed(seed_),
      ttl(ttl_),
      began(stage_.now()),
      agenda(stage_),
      memory(spawn_memory_registry(stage_.system())) {}

WorldCore::~WorldCore() { stop(memory); }

Peer* WorldCore::at(const std::string& address) const {
  const auto found = peers.find(address.substr(0, address.rfind(':')));
  return found == peers.end() ? nullptr : found->second.get();
}

std::vector<std::shared_ptr<PeerLink>> WorldCore::all_links() {
  std::erase_if(links, [](const auto& link) { return link.expired(); });
  std::vector<std::shared_ptr<PeerLink>> alive;
  for (const auto& link : links) alive.push_back(link.lock());
  return alive;
}

std::vector<std::shared_ptr<PeerLink>> WorldCore::links_to(const std::string& address) {
  auto found = all_links();
  std::erase_if(found, [&](const auto& link) { return link->address() != address; });
  return found;
}

}  // namespace detail

World::World(WorldOptions options)
    : core_(std::make_unique<detail::WorldCore>(*this, options.seed, options.ttl)),
      operator_(probe<MemoryRegistry>("operator")) {}

// While the scenario still runs: actors of channels and keepers are not its own.
World::~World() {
  for (const auto& link : core_->all_links()) link->drop_calls();
  core_->callers.clear();
  core_->peers.clear();
  run();
  stop(core_->memory);
  run();
}

Peer& World::serve(const std::string& name, PeerOptions options) {
  const bool starts = options.starts;
  auto& peer = core_->peers[name];
  peer = std::make_unique<Peer>(*core_, name, std::move(options));
  if (starts) peer->start();
  return *peer;
}

Caller& World::call(const std::string& name, CallerOptions options) {
  const bool starts = options.starts;
  auto& caller = core_->callers[name];
  caller = std::make_unique<Caller>(*core_, name, std::move(options));
  if (starts) caller->start();
  return *caller;
}

Peer& World::peer(const std::string& name) { return *core_->peers.at(name); }
Caller& World::caller(const std::string& name) { return *core_->callers.at(name); }

std::vector<Peer*> World::peers() {
  std::vector<Peer*> all;
  for (const auto& [name, peer] : core_->peers) all.push_back(peer.get());
  return all;
}

std::vector<Caller*> World::callers() {
  std::vector<Caller*> all;
  for (const auto& [name, caller] : core_->callers) all.push_back(caller.get());
  return all;
}

void World::trouble_registry(const RegistryTrouble& trouble) {
  trouble_ = trouble;
  core_->note(std::string("registry:") + (trouble.down ? " down" : "") +
              (trouble.silent ? " silent" : "") + (trouble.frozen_leases ? " frozen" : "") +
              (trouble.twice ? " twice" : "") + (trouble.reordered ? " reordered" : "") +
              " delay " + in_seconds(trouble.answer_delay));
  SetFaults faults;
  faults.unavailable = trouble.down;
  faults.silent = trouble.silent;
  faults.frozen_leases = trouble.frozen_leases;
  faults.answer_delay = trouble.answer_delay;
  faults.duplicate_changes = trouble.twice;
  for (Caller* caller : callers()) caller->reorder_changes(trouble.reordered);
  Scenario::tell(core_->memory, faults);
}

void World::expire_leases(const std::vector<std::string>& peers) {
  core_->note("registry: leases end");
  if (peers.empty()) return Scenario::tell(core_->memory, ExpireLease{});
  auto who = probe<LeaseKeeper>("operator of leases");
  for (const std::string& name : peers) {
    const LeaseKeeper& keeper = peer(name).keeper();
    if (!keeper) continue;
    who.tell(keeper, DescribeLease{});
    Scenario::tell(core_->memory, ExpireLease{who.expect<LeaseDescription>()->lease});
  }
}

void World::compact_registry() {
  core_->note("registry: compacted");
  Scenario::tell(core_->memory, CompactHistory{});
}

void World::wipe_registry() {
  core_->note("registry: wiped");
  Scenario::tell(core_->memory, WipeRegistry{});
}

std::size_t World::registered() {
  operator_.tell(core_->memory, ListRecords{});
  return operator_.has<RecordsListed>() ? operator_.expect<RecordsListed>()->records.size() : 0;
}

Tally World::tally(TimePoint since) const {
  Tally all;
  for (const auto& [name, caller] : core_->callers) all.add(caller->tally(since));
  return all;
}

EventLog& World::log() { return core_->log; }
TimePoint World::began() const { return core_->began; }

}  // namespace brontes
