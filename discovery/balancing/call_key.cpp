#include <algorithm>
#include <brontes/discovery/balancing/call_key.hpp>

namespace brontes {
namespace {

bool is_header(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

// Names with dots between them.
bool is_field(std::string_view path) {
  bool begins = true;
  for (const char c : path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (begins ? !letter : !letter && !(c >= '0' && c <= '9') && c != '.') return false;
    begins = c == '.';
  }
  return !begins;
}

}  // namespace

// FNV-1a, whose high bits are poor, and then mixed.
std::uint64_t key_hash(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return std::max<std::uint64_t>(mix(hash), 1);
}

Expected<KeySource> parse_key_source(const std::string& text) {
  using From = KeySource::From;
  if (text.empty()) return KeySource{};
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string kind = text.substr(0, colon);
  const std::string name = colon < text.size() ? text.substr(colon + 1) : "";
  if (kind == "header" && is_header(name)) return KeySource{From::kHeader, name};
  if (kind == "field" && is_field(name)) return KeySource{From::kField, name};
  return fail(Errc::kInvalidArgument,
              "'" + text + "' is neither header:NAME, in lower case, nor field:PATH");
}

}  // namespace brontes
