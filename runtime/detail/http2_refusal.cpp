#include <brontes/runtime/detail/classify.hpp>
#include <brontes/runtime/detail/http2.hpp>
#include <brontes/runtime/detail/http2_refusal.hpp>
#include <string_view>

namespace brontes::detail {
namespace {

constexpr std::uint32_t kHttp11Required = 0xd;
constexpr std::string_view kText = "HTTP/2 on this port is for gRPC; use HTTP/1.1 for REST\n";
// HPACK, literals without indexing: ":status" is entry 8 of the static table, "content-type" 31.
constexpr std::string_view kResponse =
    "\x08\x03"
    "505"
    "\x0f\x10\x0a"
    "text/plain";

std::string number(std::uint32_t value, int width) {
  std::string bytes;
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  return number(static_cast<std::uint32_t>(payload.size()), 3) + number(type, 1) +
         number(flags, 1) + number(stream, 4) + std::string(payload);
}

}  // namespace

std::string http2_refusal(std::uint32_t stream, bool settings_sent) {
  std::string bytes = settings_sent ? std::string() : std::string(kEmptySettings);
  bytes += frame(kSettings, kAck, 0, "");
  if (stream != 0) {
    bytes += frame(kHeaders, kEndHeaders, stream, kResponse);
    bytes += frame(kData, kEndStream, stream, kText);
  }
  bytes +=
      frame(kGoAway, 0, 0, number(stream, 4) + number(kHttp11Required, 4) + std::string(kText));
  return bytes;
}

}  // namespace brontes::detail
