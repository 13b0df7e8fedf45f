// DNS messages as servers write them, for tests.
#pragma once

#include <arpa/inet.h>

#include <brontes/discovery/detail/names.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace brontes::testing {

inline std::string number16(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}
inline std::string number32(std::uint32_t value) {
  return number16(value >> 16) + number16(value & 0xffff);
}
/// "a.b" as labels.
inline std::string labels(const std::string& name) {
  std::string text;
  if (!name.empty())
    for (const auto label : detail::split(name, '.'))
      (text += static_cast<char>(label.size())) += label;
  return text + '\0';
}

struct DnsRecord {
  std::string name;
  std::uint16_t type = 1;
  std::uint32_t ttl = 60;
  std::string data;
};

inline DnsRecord dns_a(const std::string& name, const char* address, std::uint32_t ttl = 60) {
  std::string data(4, '\0');
  inet_pton(AF_INET, address, data.data());
  return {name, 1, ttl, data};
}
inline DnsRecord dns_aaaa(const std::string& name, const char* address, std::uint32_t ttl = 60) {
  std::string data(16, '\0');
  inet_pton(AF_INET6, address, data.data());
  return {name, 28, ttl, data};
}
inline DnsRecord dns_alias(const std::string& name, const std::string& to, std::uint32_t ttl = 60) {
  return {name, 5, ttl, labels(to)};
}
inline DnsRecord dns_srv(const std::string& name, unsigned priority, unsigned weight, unsigned port,
                         const std::string& host, std::uint32_t ttl = 60) {
  return {name, 33, ttl, number16(priority) + number16(weight) + number16(port) + labels(host)};
}

struct DnsReply {
  unsigned id = 0;
  std::string question;  ///< the name
  unsigned type = 1;
  std::vector<DnsRecord> answers = {};
  unsigned code = 0;       ///< 2: SERVFAIL, 3: NXDOMAIN
  bool truncated = false;  ///< so it says; without answers
};

inline std::string to_message(const DnsReply& reply) {
  const std::size_t count = reply.truncated ? 0 : reply.answers.size();
  std::string text = number16(reply.id) + number16(0x8180 | reply.code | (reply.truncated << 9)) +
                     number16(1) + number16(static_cast<unsigned>(count)) + number16(0) +
                     number16(0);
  text += labels(reply.question) + number16(reply.type) + number16(1);
  for (std::size_t i = 0; i < count; ++i) {
    const DnsRecord& record = reply.answers[i];
    text += labels(record.name) + number16(record.type) + number16(1) + number32(record.ttl) +
            number16(static_cast<unsigned>(record.data.size())) + record.data;
  }
  return text;
}

}  // namespace brontes::testing
