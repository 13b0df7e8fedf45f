// What the parts of a world share.
#pragma once

#include <brontes/discovery/registries/memory_registry.hpp>
#include <brontes/discovery/testkit/detail/agenda.hpp>
#include <brontes/discovery/testkit/event_log.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace brontes {
class Caller;
class Peer;
}  // namespace brontes

namespace brontes::detail {

class PeerLink;

/// Where a peer listens.
inline std::string address_of(const std::string& peer) { return peer + ":80"; }

/// "callers and the registry", "nobody".
inline std::string cut_text(const std::string& others, bool from_others, bool from_registry) {
  if (from_others) return from_registry ? others + " and the registry" : others;
  return from_registry ? "the registry" : "nobody";
}

/// Belongs to the thread of the test, as the scenario does.
struct WorldCore {
  WorldCore(Scenario& stage, std::uint64_t seed, std::chrono::seconds ttl);
  ~WorldCore();
  WorldCore(const WorldCore&) = delete;
  WorldCore& operator=(const WorldCore&) = delete;

  TimePoint now() const { return stage.now(); }
  void note(const std::string& text) { log.add(now() - began, text); }
  /// Null: nobody is there.
  Peer* at(const std::string& address) const;
  /// What lives, in the order of its beginning.
  std::vector<std::shared_ptr<PeerLink>> links_to(const std::string& address);
  std::vector<std::shared_ptr<PeerLink>> all_links();

  Scenario& stage;
  const std::uint64_t seed;
  const std::chrono::seconds ttl;
  const TimePoint began;
  const Agenda agenda;
  EventLog log;
  MemoryRegistry memory;
  std::map<std::string, std::unique_ptr<Peer>> peers;
  std::map<std::string, std::unique_ptr<Caller>> callers;
  std::vector<std::weak_ptr<PeerLink>> links;
  std::uint64_t processes = 0;  ///< that were started
};

}  // namespace brontes::detail
