#include <brontes/runtime/detail/byte_cursor.hpp>
#include <brontes/runtime/detail/classify.hpp>
#include <brontes/runtime/detail/hpack.hpp>
#include <brontes/runtime/detail/http2.hpp>
#include <string>

namespace brontes::detail {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr char kTlsHandshake = 22;
constexpr std::size_t kFrameHeader = 9, kMaxFrame = 16 * 1024;
/// grpc-core announces itself with this private setting (GRPC_ALLOW_TRUE_BINARY_METADATA), so its
/// connections need not be kept waiting for a request.
constexpr std::size_t kGrpcCoreSetting = 0xfe03;

struct Frame {
  std::size_t type = 0, flags = 0;
  std::uint32_t stream = 0;
  std::string_view payload;
  bool is(FrameFlag flag) const { return (flags & flag) != 0; }
};

bool has_grpc_setting(std::string_view settings) {
  for (ByteCursor rest(settings); !rest.empty() && rest.ok(); rest.number(4))
    if (rest.number(2) == kGrpcCoreSetting) return true;
  return false;
}

// The part of a HEADERS or CONTINUATION frame that is header block; nothing if it is damaged.
std::optional<std::string_view> header_block(const Frame& frame) {
  if (frame.type == kContinuation) return frame.payload;
  ByteCursor rest(frame.payload);
  const std::size_t padding = frame.is(kPadded) ? rest.number(1) : 0;
  if (frame.is(kPriority)) rest.take(5);
  const std::size_t before = (frame.is(kPadded) ? 1 : 0) + (frame.is(kPriority) ? 5 : 0);
  if (!rest.ok() || before + padding > frame.payload.size()) return std::nullopt;
  return frame.payload.substr(before, frame.payload.size() - before - padding);
}

class FrameReader {
 public:
  void take(const Frame& frame, std::size_t at) {
    if (frame.type == kSettings) return settings(frame, at);
    if (frame.type != kHeaders && frame.type != kContinuation) return;
    if (look_.stream == 0) look_.stream = frame.stream;
    if (decided()) return;
    const auto part = header_block(frame);
    if (!part) return decide(Speaker::kOtherHttp2);
    block_ += *part;
    if (frame.is(kEndHeaders))
      decide(is_grpc_request(block_) ? Speaker::kGrpc : Speaker::kOtherHttp2);
  }
  void decide(Speaker speaker) {
    if (!decided()) look_.speaker = speaker;
  }
  FirstLook result() const {
    FirstLook look = look_;
    if (!decided() && settings_seen_) look.speaker = Speaker::kWantsSettings;
    return look;
  }

 private:
  bool decided() const { return look_.speaker != Speaker::kUnclear; }
  void settings(const Frame& frame, std::size_t at) {
    if (frame.is(kAck)) {
      if (!look_.settings_ack_at) look_.settings_ack_at = at;
      return;
    }
    settings_seen_ = true;
    if (has_grpc_setting(frame.payload)) decide(Speaker::kGrpc);
  }

  FirstLook look_;
  std::string block_;
  bool settings_seen_ = false;
};

FirstLook classify_http2(std::string_view bytes) {
  FrameReader reader;
  for (std::size_t at = kPreface.size(); bytes.size() - at >= kFrameHeader;) {
    ByteCursor rest(bytes.substr(at));
    const std::size_t length = rest.number(3);
    Frame frame;
    frame.type = rest.number(1);
    frame.flags = rest.number(1);
    frame.stream = static_cast<std::uint32_t>(rest.number(4)) & 0x7fffffffu;
    if (length > kMaxFrame) {
      reader.decide(Speaker::kOtherHttp2);
      break;
    }
    frame.payload = rest.take(length);
    if (!rest.ok()) break;
    reader.take(frame, at);
    at += kFrameHeader + length;
  }
  return reader.result();
}

}  // namespace

FirstLook classify(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (bytes.front() == kTlsHandshake) return {Speaker::kTls, {}, 0};
  if (bytes.substr(0, kPreface.size()) != kPreface.substr(0, bytes.size()))
    return {Speaker::kHttp1, {}, 0};
  if (bytes.size() < kPreface.size()) return {};
  return classify_http2(bytes);
}

}  // namespace brontes::detail
