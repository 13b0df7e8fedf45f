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
  constexpr std::array<std::string_view, 9> kTransports = {
      "connection", "content-length",    "content-type", "host", "keep-alive", "proxy-connection",
      "te",         "transfer-encoding", "upgrade"};
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

}  // namespace brontes
