// The way to DNS servers: a question there, the reply back. c-ares is behind it (cares_wire.cpp);
// tests script it.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/registries/dns/dns_registry.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace brontes::dns {

enum class RecordType : std::uint16_t { kA = 1, kAaaa = 28, kSrv = 33 };
const char* to_string(RecordType type);

struct Question {
  std::string name;  ///< whole; no search list is tried
  RecordType type = RecordType::kA;
  friend auto operator<=>(const Question&, const Question&) = default;
};

struct Reply {
  /// kNotFound: a server says that there is no such name, or nothing of that type there.
  /// kUnavailable: no server answers, or none answers with more than a refusal or nonsense.
  Status status;
  std::string message = {};  ///< of the wire, RFC 1035
};
/// Told on any thread; must not block.
using Ear = std::function<void(const Reply&)>;

/// Thread-safe, never blocks. Letting go of it breaks everything off: no ear runs any more.
class Wire {
 public:
  virtual ~Wire() = default;
  /// Heard once, within seconds whatever the servers do.
  virtual void ask(Question question, Ear ear) = 0;
};

/// Servers are "ip:port"; none: what this machine uses. Cut-off replies are asked for by TCP.
std::shared_ptr<Wire> make_cares_wire(std::vector<std::string> servers);

/// For tests: over a wire of theirs.
Registry spawn_registry(System& system, DnsOptions options, std::shared_ptr<Wire> wire);

}  // namespace brontes::dns
