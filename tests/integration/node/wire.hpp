// Plain sockets that speak to a node.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace brontes::testing {

using namespace std::chrono_literals;

/// Only for hangs: nothing that works takes as long.
constexpr auto kHang = 5s;

/// Sends bytes and reads until `text` has come ("": never), the peer closes, or kHang of silence.
/// "" when nobody listens, "lost" when the connection came about and brought no answer.
std::string exchange(std::uint16_t port, const std::string& bytes, const std::string& text);

/// The whole answer to a GET on a connection of its own; "" and "lost" as above.
std::string http_get(std::uint16_t port, const std::string& path);

/// A connection that is looked at from outside. Ends with the process's patience, kHang.
class Onlooker {
 public:
  /// With a small buffer for what it does not read.
  Onlooker(std::uint16_t port, const std::string& bytes);
  ~Onlooker();
  Onlooker(const Onlooker&) = delete;

  /// Blocks until something can be read, or the end; false: nothing for kHang.
  bool hears() const;
  /// Everything up to the end.
  std::string read_all() const;
  /// Which one of the two ends first, what they say before is skipped: 0 the first, 1 the second,
  /// -1 none within kHang.
  static int first_to_end(const Onlooker& first, const Onlooker& second);

 private:
  int fd_;
};

}  // namespace brontes::testing
