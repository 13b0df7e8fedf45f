#include <algorithm>
#include <array>
#include <brontes/actors/call/metadata.hpp>
#include <string>

namespace brontes {
namespace {

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}
bool is_printable(char c) { return c >= 0x20 && c <= 0x7e; }

bool is_reserved(std::string_view key) {
  constexpr std::array<std::string_view, 10> kTransports = {
      "connection",        "content-length",   "content-type", "host",
      "keep-alive",        "proxy-connection", "te",           "trailer",
      "transfer-encoding", "upgrade"};
  // Those of gRPC's own names that applications do set.
  constexpr std::array<std::string_view, 4> kOpen = {
      "grpc-previous-rpc-attempts", "grpc-retry-pushback-ms", "grpc-tags-bin", "grpc-trace-bin"};
  if (key.starts_with("grpc-")) return std::find(kOpen.begin(), kOpen.end(), key) == kOpen.end();
  return std::find(kTransports.begin(), kTransports.end(), key) != kTransports.end();
}

Status refuse(std::string_view key, std::string_view why) {
  std::string shown;
  for (const char c : key.substr(0, 64)) shown += is_printable(c) ? c : '?';
  return {Errc::kInvalidArgument, "metadata '" + shown + "': " + std::string(why)};
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}
bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_in_vendor_key(char c) {
  return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '*' || c == '/';
}

// vendor, or tenant@vendor
bool is_vendor_key(std::string_view key) {
  constexpr std::size_t kMost = 256, kMostTenant = 241, kMostVendor = 14;
  const auto all_fit = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_in_vendor_key);
  };
  const std::size_t at = key.find('@');
  if (at == std::string_view::npos)
    return !key.empty() && key.size() <= kMost && is_lower(key[0]) && all_fit(key);
  const std::string_view tenant = key.substr(0, at), vendor = key.substr(at + 1);
  return !tenant.empty() && tenant.size() <= kMostTenant &&
         (is_lower(tenant[0]) || is_digit(tenant[0])) && all_fit(tenant) && !vendor.empty() &&
         vendor.size() <= kMostVendor && is_lower(vendor[0]) && all_fit(vendor);
}

bool is_vendor_value(std::string_view value) {
  constexpr std::size_t kMost = 256;
  return !value.empty() && value.size() <= kMost && value.back() != ' ' &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return is_printable(c) && c != ','; }) &&
         value.find('=') == std::string_view::npos;
}

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

bool is_member(std::string_view member) {
  const std::size_t equals = member.find('=');
  return equals != std::string_view::npos && is_vendor_key(member.substr(0, equals)) &&
         is_vendor_value(member.substr(equals + 1));
}

}  // namespace

Status check_metadata(std::string_view key, std::string_view value) {
  if (key.empty() || !std::all_of(key.begin(), key.end(), is_key_char))
    return refuse(key, "a key is lower-case letters, digits, '-', '_' and '.'");
  if (is_reserved(key)) return refuse(key, "that name is the transport's own");
  if (!key.ends_with("-bin") && !std::all_of(value.begin(), value.end(), is_printable))
    return refuse(key,
                  "its value is not printable ASCII; bytes go under a key that ends with -bin");
  return {};
}

bool is_traceparent(std::string_view text) {
  constexpr std::size_t kSize = 55;  // later versions may append "-..."
  if (text.size() < kSize || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view version = text.substr(0, 2);
  if (!is_hex(version) || version == "ff") return false;
  if (text.size() > kSize && (version == "00" || text[kSize] != '-')) return false;
  if (!std::all_of(text.begin(), text.end(), is_printable)) return false;
  return is_id(text.substr(3, 32)) && is_id(text.substr(36, 16)) && is_hex(text.substr(53, 2));
}

bool is_tracestate(std::string_view text) {
  constexpr std::size_t kMostBytes = 512, kMostMembers = 32;
  if (text.size() > kMostBytes || !std::all_of(text.begin(), text.end(), is_printable))
    return false;
  std::array<std::string_view, kMostMembers> keys;
  std::size_t members = 0;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    const std::string_view member = without_blanks(text.substr(0, comma));
    if (more) text.remove_prefix(comma + 1);
    if (member.empty()) continue;  // W3C allows it
    if (members == kMostMembers || !is_member(member)) return false;
    const std::string_view key = member.substr(0, member.find('='));
    const auto end = keys.begin() + members;
    if (std::find(keys.begin(), end, key) != end) return false;
    keys[members++] = key;
  }
  return members > 0;
}

}  // namespace brontes
