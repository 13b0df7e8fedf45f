// A registry, servers and clients in one process under virtual time: what is real in it is all that
// brontes decides (lease keepers, watch loops, resolvers, load balancers, pickers, retries); what
// is scripted is the network, the servers and what goes wrong. docs/scenarios.md has examples.
//
//   World world({.seed = 7});
//   for (const char* name : {"a", "b", "c"}) world.serve(name);
//   Caller& shop = world.call("shop", {.rate = 200});
//   world.advance(5s);
//   world.peer("c").crash();
//   const TimePoint died = world.now();
//   world.advance(10s);
//   EXPECT_EQ(shop.tally().failed, 0u);
//   EXPECT_EQ(shop.tally(died + 10ms).attempts_to["c"], 0u);
#pragma once

#include <brontes/actors/testkit/scenario.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <brontes/discovery/testkit/caller.hpp>
#include <brontes/discovery/testkit/event_log.hpp>
#include <brontes/discovery/testkit/peer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace brontes {

struct WorldOptions {
  std::uint64_t seed = 1;        ///< of all chance: the same seed, the same log
  std::chrono::seconds ttl{15};  ///< of the peers' leases
};

/// What is wrong with the registry, for everybody. Replaces what was wrong before.
struct RegistryTrouble {
  bool down = false;           ///< it answers UNAVAILABLE and breaks its watches
  bool silent = false;         ///< it says nothing
  bool frozen_leases = false;  ///< none lapses
  Duration answer_delay{};
  bool twice = false;      ///< each change is told twice
  bool reordered = false;  ///< each change is followed by the one before it, told once more
};

/// Belongs to one thread. All that a Scenario has: advance(), now(), inject() and so on.
class World : public Scenario {
 public:
  explicit World(WorldOptions options = {});
  ~World();

  /// A server of that name, at "NAME:80". Once for each name.
  Peer& serve(const std::string& name, PeerOptions options = {});
  /// A client. Its channel is opened at once: see Caller::status().
  Caller& call(const std::string& name, CallerOptions options = {});
  /// What was made before; std::out_of_range otherwise.
  Peer& peer(const std::string& name);
  Caller& caller(const std::string& name);
  std::vector<Peer*> peers();
  std::vector<Caller*> callers();

  void trouble_registry(const RegistryTrouble& trouble);
  const RegistryTrouble& registry_trouble() const { return trouble_; }
  /// Ends leases as their ttl would; none named: all of them.
  void expire_leases(const std::vector<std::string>& peers = {});
  /// Forgets the history up to now.
  void compact_registry();
  /// Loses everything, as a server that lost its disk.
  void wipe_registry();
  /// Records that stand in it.
  std::size_t registered();

  /// Of all callers together, after that moment.
  Tally tally(TimePoint since = {}) const;
  EventLog& log();
  /// When time began: advance() and log() count from there.
  TimePoint began() const;

 private:
  std::unique_ptr<detail::WorldCore> core_;
  Probe<MemoryRegistry> operator_;
  RegistryTrouble trouble_;
};

}  // namespace brontes
