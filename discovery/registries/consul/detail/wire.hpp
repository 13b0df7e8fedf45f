// The way to Consul's agents: an HTTP request there, its answer back. Everything that speaks HTTP
// is behind it (beast_wire.cpp); tests script it.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/registries/consul/consul_registry.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace brontes::consul {

struct Request {
  std::uint64_t exchange = 0;  ///< comes back in Answer
  std::size_t agent = 0;
  const char* method = "GET";
  std::string target;  ///< path and query, percent-encoded
  std::string body = {};
  /// Not again on another connection when a kept one turns out to be closed.
  bool once = false;
};

struct Answer {
  std::uint64_t exchange = 0;
  std::size_t agent = 0;    ///< who was asked
  Status status = {};       ///< not OK: there is no answer, or it is a refusal
  unsigned code = 0;        ///< of HTTP; 0: none
  std::uint64_t index = 0;  ///< X-Consul-Index
  Duration retry_after{};
  std::string body = {};
};
/// Told on any thread; must not block.
using Ear = std::function<void(const Answer&)>;

/// Confined to one thread at a time. Letting go of it breaks everything off: the ear neither runs
/// nor will run.
class Wire {
 public:
  virtual ~Wire() = default;
  /// Heard once; the answer of HTTP whatever its code, or a status that says why there is none.
  virtual void send(Request request, Ear ear) = 0;
  /// Nothing will be heard of it any more: its connection is closed.
  virtual void give_up(std::uint64_t exchange) = 0;
};

std::shared_ptr<Wire> make_beast_wire(const ConsulOptions& options);

/// For tests: over a wire of theirs.
Registry spawn_registry(System& system, ConsulOptions options, std::shared_ptr<Wire> wire);

}  // namespace brontes::consul

BRONTES_MESSAGE(brontes::consul::Answer)
