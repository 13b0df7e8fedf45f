#include <brontes/gateway/json_writer.hpp>
#include <brontes/gateway/percent.hpp>

namespace brontes {
namespace {

void append_escape(unsigned char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

// Replaces every byte that belongs to no valid sequence.
std::string repaired(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t size = 1;
    while (size < 4 && i + size <= text.size() && !is_utf8(text.substr(i, size))) ++size;
    if (size > text.size() - i || !is_utf8(text.substr(i, size))) {
      out += "\xef\xbf\xbd";
      ++i;
    } else {
      out += text.substr(i, size);
      i += size;
    }
  }
  return out;
}

}  // namespace

void write_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t plain = 0;
  bool ascii = true;
  const std::size_t begin = out.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    ascii = ascii && c < 0x80;
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out += text.substr(plain, i - plain);
    append_escape(c, out);
    plain = i + 1;
  }
  out += text.substr(plain);
  if (!ascii && !is_utf8(text)) out.replace(begin, std::string::npos, repaired(out.substr(begin)));
  out += '"';
}

}  // namespace brontes
