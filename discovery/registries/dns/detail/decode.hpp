// What a DNS message says.
#pragma once

#include <brontes/discovery/registries/dns/detail/wire.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::dns {

struct SrvRecord {
  std::string host;  ///< lower case, without a dot at the end; "": there is no such service
  std::uint16_t port = 0, priority = 0, weight = 0;
  friend bool operator==(const SrvRecord&, const SrvRecord&) = default;
};

struct Answer {
  std::vector<SrvRecord> srv;          ///< to a question for SRV
  std::vector<std::string> addresses;  ///< to others; IPv6 without brackets
  std::chrono::seconds ttl{};          ///< the least of its records
};

/// kNotFound: nothing of that type is in it. kUnavailable: it is no DNS message, or damaged.
Expected<Answer> decode(std::string_view message, RecordType type);

}  // namespace brontes::dns
