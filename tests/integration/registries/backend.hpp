// A kind of registry under test, with the hand of an operator on it. What the conformance suite
// runs over: a new kind of registry adds one here and gets all of its tests.
#pragma once

#include <brontes/actors/system.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <memory>
#include <string>
#include <vector>

namespace brontes::testing {

class Backend {
 public:
  virtual ~Backend() = default;
  /// An empty registry; always the same one.
  virtual OpenRegistry registry() = 0;
  /// As if the lease's ttl were over. `ids` are those of its records.
  virtual void expire(LeaseId lease, const std::vector<std::string>& ids) = 0;
  /// Forgets the history up to now.
  virtual void compact() = 0;
};

/// "memory", "served" (`brontes registry`), "etcd" or "consul"; null if this machine has no such
/// thing.
std::unique_ptr<Backend> make_backend(const std::string& kind, System& system);
/// Why there is none.
std::string why_no(const std::string& kind);

}  // namespace brontes::testing
