// HTTP/2 as bytes, for what no gRPC library says.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace brontes::testing {

enum class Frame : char { kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kPing = 6 };
constexpr char kEndStream = 1, kEndHeaders = 4;

inline std::string frame(Frame type, char flags, char stream, const std::string& payload) {
  return std::string{0,
                     static_cast<char>(payload.size() >> 8),
                     static_cast<char>(payload.size()),
                     static_cast<char>(type),
                     flags,
                     0,
                     0,
                     0,
                     stream} +
         payload;
}

/// What a client says first: the preface and its SETTINGS.
inline std::string http2_greeting() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(Frame::kSettings, 0, 0, "");
}

/// A header as HPACK has it, without its tables.
inline std::string header(std::string_view key, std::string_view value) {
  const auto text = [](std::string_view s) { return static_cast<char>(s.size()) + std::string(s); };
  return '\0' + text(key) + text(value);
}

/// HEADERS that begin a gRPC call on stream 1; nothing of its messages.
inline std::string call_headers(std::string_view path, const std::string& more = "",
                                char flags = kEndHeaders) {
  return frame(Frame::kHeaders, flags, 1,
               "\x83\x86" + header(":path", path) + header(":authority", "a") +
                   header("content-type", "application/grpc") + header("te", "trailers") + more);
}

/// RST_STREAM of stream 1, with CANCEL.
inline std::string call_reset() { return frame(Frame::kReset, 0, 1, std::string("\0\0\0\x08", 4)); }

/// What a server made of a call: the messages of its answer, as they are framed, and its status.
struct CallEnd {
  std::string messages, status;

  friend bool operator==(const CallEnd&, const CallEnd&) = default;
};

/// A connection to a port of this host.
class Speaker {
 public:
  explicit Speaker(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  ~Speaker() { ::close(fd_); }
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;

  void say(const std::string& bytes) const {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  /// Reads until the one call of the connection has ended; "" is the status of one that has not
  /// within half a minute.
  CallEnd hear_end() const {
    const timeval patience{30, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    constexpr std::string_view kStatus = "grpc-status";
    CallEnd end;
    for (std::string head; (head = hear(9)).size() == 9;) {
      const auto byte = [&head](std::size_t at) { return static_cast<unsigned char>(head[at]); };
      const std::string payload = hear(byte(0) << 16 | byte(1) << 8 | byte(2));
      if (head[3] == static_cast<char>(Frame::kData)) end.messages += payload;
      const auto at = payload.find(kStatus);  // as text: nothing was said before that HPACK knows
      if (head[3] != static_cast<char>(Frame::kHeaders) || at == std::string::npos) continue;
      end.status = payload.substr(at + kStatus.size() + 1,
                                  static_cast<std::size_t>(payload[at + kStatus.size()]));
      break;
    }
    return end;
  }

 private:
  std::string hear(int size) const {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    const auto got = size == 0 ? 0 : ::recv(fd_, bytes.data(), bytes.size(), MSG_WAITALL);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  const int fd_;
};

}  // namespace brontes::testing
