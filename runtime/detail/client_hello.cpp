#include <algorithm>
#include <brontes/runtime/detail/byte_cursor.hpp>
#include <brontes/runtime/detail/client_hello.hpp>

namespace brontes::detail {
namespace {

using State = ClientHello::State;

constexpr std::size_t kRecordHeader = 5, kHandshakeHeader = 4, kRandom = 32;
constexpr std::size_t kMaxRecord = 16 * 1024, kMaxHello = 64 * 1024;
constexpr char kHandshakeRecord = 22, kMajorVersion = 3, kClientHello = 1;
constexpr std::size_t kAlpn = 16;

bool starts_as_handshake(std::string_view record) {
  return (record.empty() || record[0] == kHandshakeRecord) &&
         (record.size() < 2 || record[1] == kMajorVersion);
}

// The handshake message without the record headers between its parts.
State gather(std::string_view bytes, std::string& message) {
  std::size_t wanted = kHandshakeHeader;
  while (message.size() < wanted) {
    if (!starts_as_handshake(bytes)) return State::kMalformed;
    if (bytes.size() < kRecordHeader) return State::kNeedMore;
    const std::size_t length = ByteCursor(bytes.substr(3)).number(2);
    if (length == 0 || length > kMaxRecord) return State::kMalformed;
    message += bytes.substr(kRecordHeader, length);
    if (message.size() >= kHandshakeHeader) {
      if (message[0] != kClientHello) return State::kMalformed;
      wanted = kHandshakeHeader + ByteCursor(std::string_view(message).substr(1)).number(3);
      if (wanted > kMaxHello) return State::kMalformed;
    }
    if (message.size() < wanted && bytes.size() < kRecordHeader + length) return State::kNeedMore;
    bytes.remove_prefix(std::min(bytes.size(), kRecordHeader + length));
  }
  message.resize(wanted);
  return State::kComplete;
}

bool read_alpn(std::string_view extension, std::vector<std::string>& alpn) {
  ByteCursor body(extension);
  ByteCursor names(body.vector(2));
  while (!names.empty()) alpn.emplace_back(names.vector(1));
  return body.ok() && names.ok();
}

}  // namespace

bool ClientHello::offers(std::string_view protocol) const {
  return std::find(alpn.begin(), alpn.end(), protocol) != alpn.end();
}

ClientHello parse_client_hello(std::string_view bytes) {
  std::string message;
  if (const State state = gather(bytes, message); state != State::kComplete) return {state, {}};
  ByteCursor hello(std::string_view(message).substr(kHandshakeHeader));
  hello.take(2 + kRandom);  // legacy version, random
  hello.vector(1);          // session id
  hello.vector(2);          // cipher suites
  hello.vector(1);          // compression methods
  ClientHello result{State::kComplete, {}};
  if (hello.ok() && hello.empty()) return result;  // an old client without extensions
  ByteCursor extensions(hello.vector(2));
  while (hello.ok() && extensions.ok() && !extensions.empty()) {
    const std::size_t type = extensions.number(2);
    const auto body = extensions.vector(2);
    if (type == kAlpn && !read_alpn(body, result.alpn)) return {State::kMalformed, {}};
  }
  if (!hello.ok() || !extensions.ok()) return {State::kMalformed, {}};
  return result;
}

}  // namespace brontes::detail
