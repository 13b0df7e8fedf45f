// A blocking client of bytes, over TCP or TLS: for what no well-behaved client says.
#pragma once

#include <openssl/ssl.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace brontes::testing {

struct RawOptions {
  bool tls = false;
  std::vector<std::string> alpn = {};
  std::string certificate = {}, key = {};  ///< PEM files of the client
  int newest = 0;                          ///< TLS1_2_VERSION, ...; 0: any
  std::string from = "";                   ///< own address, "127.0.0.2"
  std::string to = "127.0.0.1";            ///< or "::1"
};

/// The certificate of the server is not looked at. Whatever takes half a minute is given up.
class RawClient {
 public:
  explicit RawClient(int port, const RawOptions& options = {});
  ~RawClient();
  RawClient(const RawClient&) = delete;

  /// Over TLS the handshake is part of it.
  bool connected() const { return connected_; }
  /// "127.0.0.1:51234", "[::1]:51234": what the server should see.
  std::string own_address() const;
  /// What the server has chosen; "": nothing.
  std::string alpn() const;

  void write(std::string_view bytes);
  /// Up to `most` bytes; less only at the end of the connection.
  std::string read(std::size_t most);
  std::string read_all() { return read(1 << 20); }
  /// Up to and with `end`.
  std::string read_until(std::string_view end);
  bool closed_by_peer() { return read(1).empty(); }
  /// Whether the peer has said goodbye (close_notify), not only gone.
  bool heard_goodbye() const;
  /// Says goodbye (close_notify), and neither closes nor stops reading.
  void say_goodbye();
  /// Says nothing more, but reads on.
  void stop_writing();
  void close();

 private:
  bool shake_hands(const RawOptions& options);

  int fd_ = -1;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
  bool connected_ = false;
};

/// The first flight of a TLS client that offers these.
std::string client_hello(const std::vector<std::string>& alpn);

}  // namespace brontes::testing
