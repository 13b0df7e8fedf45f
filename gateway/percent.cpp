#include <brontes/gateway/percent.hpp>
#include <cstdint>

namespace brontes {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// RFC 6570: what reserved expansion leaves alone.
bool is_reserved(char c) {
  return std::string_view("!#$&'()*+,/:;=?@[]").find(c) != std::string_view::npos;
}

bool stays(char decoded, Keep keep) {
  return (keep == Keep::kSlash && decoded == '/') ||
         (keep == Keep::kReserved && is_reserved(decoded));
}

Expected<std::string> decode(std::string_view text, Keep keep, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
    if (high < 0 || low < 0)
      return fail(Errc::kInvalidArgument,
                  "byte " + std::to_string(i) + ": '%' is not followed by two hexadecimal digits");
    const char c = static_cast<char>(high * 16 + low);
    if (stays(c, keep))
      out += text.substr(i, 3);
    else
      out += c;
    i += 2;
  }
  return out;
}

// The length of the sequence that starts with this byte and the least code point that may use it.
struct Sequence {
  int more;
  std::uint32_t bits, least;
};
Sequence sequence(unsigned char lead) {
  if (lead < 0x80) return {0, lead, 0};
  if (lead >= 0xc2 && lead < 0xe0) return {1, lead & 0x1fu, 0x80};
  if (lead >= 0xe0 && lead < 0xf0) return {2, lead & 0x0fu, 0x800};
  if (lead >= 0xf0 && lead < 0xf5) return {3, lead & 0x07u, 0x10000};
  return {-1, 0, 0};
}

}  // namespace

Expected<std::string> percent_decode(std::string_view text, Keep keep) {
  return decode(text, keep, false);
}

Expected<std::string> form_decode(std::string_view text) {
  return decode(text, Keep::kNothing, true);
}

Expected<FormPairs> parse_form(std::string_view text) {
  FormPairs pairs;
  while (!text.empty()) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (pair.find(';') != std::string_view::npos)
      return fail(Errc::kInvalidArgument, "parameter '" + std::string(pair) + "': ';' must be %3B");
    const auto equals = pair.find('=');
    auto name = form_decode(pair.substr(0, equals));
    auto value = form_decode(equals == std::string_view::npos ? std::string_view()
                                                              : pair.substr(equals + 1));
    if (!name || !value)
      return fail(Errc::kInvalidArgument, "parameter '" + std::string(pair) +
                                              "': " + (name ? value : name).error().message());
    if (!name->empty()) pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto [more, point, least] = sequence(static_cast<unsigned char>(text[i]));
    if (more < 0 || i + static_cast<std::size_t>(more) >= text.size()) return false;
    for (; more > 0; --more) {
      const auto next = static_cast<unsigned char>(text[++i]);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3fu);
    }
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return false;
  }
  return true;
}

}  // namespace brontes
