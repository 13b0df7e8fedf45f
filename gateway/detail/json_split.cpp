#include <algorithm>
#include <brontes/gateway/detail/json_split.hpp>

namespace brontes::detail {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// The end of the string whose first quote is at `at`.
std::size_t string_end(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return std::min(at + 1, text.size());
}

std::size_t value_end(std::string_view text, std::size_t at) {
  if (text[at] == '"') return string_end(text, at);
  if (text[at] != '{' && text[at] != '[')
    return std::min(text.find_first_of(" \t\r\n{[\"", at), text.size());
  for (int open = 0; at < text.size();) {
    if (text[at] == '"') {
      at = string_end(text, at);
      continue;
    }
    if (text[at] == '{' || text[at] == '[') ++open;
    if (text[at] == '}' || text[at] == ']') --open;
    ++at;
    if (open == 0) break;
  }
  return at;
}

}  // namespace

std::string_view next_json_value(std::string_view text, std::size_t& consumed) {
  const auto from = std::min(text.find_first_not_of(kBlanks), text.size());
  consumed = from == text.size() ? from : value_end(text, from);
  return text.substr(from, consumed - from);
}

}  // namespace brontes::detail
