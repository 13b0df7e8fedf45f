#include <ares.h>
#include <ares_dns.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <brontes/discovery/registries/dns/detail/decode.hpp>
#include <brontes/discovery/registries/dns/detail/domain.hpp>
#include <memory>

namespace brontes::dns {
namespace {

constexpr int kMostAddresses = 1024;  // more do not fit into a message's 64 KiB, compressed as ever

Status bad(int code) {
  if (code == ARES_ENODATA) return {Errc::kNotFound, ares_strerror(code)};
  return {Errc::kUnavailable, std::string("the reply is no good: ") + ares_strerror(code)};
}

const unsigned char* bytes(std::string_view message) {
  return reinterpret_cast<const unsigned char*>(message.data());
}

/// Steps over a name; false when it is damaged.
bool skip_name(std::string_view message, std::size_t& at) {
  if (at >= message.size()) return false;
  char* name = nullptr;
  long length = 0;
  if (ares_expand_name(bytes(message) + at, bytes(message), static_cast<int>(message.size()), &name,
                       &length) != ARES_SUCCESS)
    return false;
  ares_free_string(name);
  at += static_cast<std::size_t>(length);
  return true;
}

/// The least time to live of the answer's records, aliases included. c-ares has read it before.
Expected<std::chrono::seconds> least_ttl(std::string_view message) {
  const Status damaged = bad(ARES_EBADRESP);
  if (message.size() < HFIXEDSZ) return fail(damaged);
  std::size_t at = HFIXEDSZ;
  for (unsigned i = 0; i < DNS_HEADER_QDCOUNT(bytes(message)); ++i) {
    if (!skip_name(message, at)) return fail(damaged);
    at += QFIXEDSZ;
  }
  std::uint32_t least = 0x7fffffff;  // a larger one counts as zero: RFC 2181
  for (unsigned i = 0; i < DNS_HEADER_ANCOUNT(bytes(message)); ++i) {
    if (!skip_name(message, at) || at + RRFIXEDSZ > message.size()) return fail(damaged);
    const unsigned char* record = bytes(message) + at;
    const std::uint32_t ttl = DNS_RR_TTL(record);
    least = std::min(least, ttl > 0x7fffffff ? 0 : ttl);
    at += RRFIXEDSZ + DNS_RR_LEN(record);
  }
  return std::chrono::seconds(least);
}

template <class Address>
std::string to_text(int family, const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, &address, text.data(), text.size());
  return text.data();
}

int read_ipv4(std::string_view message, Answer& answer) {
  std::vector<ares_addrttl> found(kMostAddresses);
  int count = kMostAddresses;
  const int code = ares_parse_a_reply(bytes(message), static_cast<int>(message.size()), nullptr,
                                      found.data(), &count);
  for (int i = 0; code == ARES_SUCCESS && i < count; ++i)
    answer.addresses.push_back(to_text(AF_INET, found[static_cast<std::size_t>(i)].ipaddr));
  return code;
}

int read_ipv6(std::string_view message, Answer& answer) {
  std::vector<ares_addr6ttl> found(kMostAddresses);
  int count = kMostAddresses;
  const int code = ares_parse_aaaa_reply(bytes(message), static_cast<int>(message.size()), nullptr,
                                         found.data(), &count);
  for (int i = 0; code == ARES_SUCCESS && i < count; ++i)
    answer.addresses.push_back(to_text(AF_INET6, found[static_cast<std::size_t>(i)].ip6addr));
  return code;
}

int read_srv(std::string_view message, Answer& answer) {
  ares_srv_reply* first = nullptr;
  const int code = ares_parse_srv_reply(bytes(message), static_cast<int>(message.size()), &first);
  const std::unique_ptr<ares_srv_reply, void (*)(void*)> all(first, ares_free_data);
  for (const auto* each = first; code == ARES_SUCCESS && each; each = each->next)
    answer.srv.push_back({plain_domain(each->host), each->port, each->priority, each->weight});
  return code;
}

}  // namespace

Expected<Answer> decode(std::string_view message, RecordType type) {
  Answer answer;
  const int code = type == RecordType::kSrv ? read_srv(message, answer)
                   : type == RecordType::kA ? read_ipv4(message, answer)
                                            : read_ipv6(message, answer);
  if (code != ARES_SUCCESS) return fail(bad(code));
  if (answer.srv.empty() && answer.addresses.empty()) return fail(bad(ARES_ENODATA));
  const auto ttl = least_ttl(message);
  if (!ttl) return fail(ttl.error());
  answer.ttl = *ttl;
  return answer;
}

}  // namespace brontes::dns
