#include "raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <csignal>
#include <utility>

namespace brontes::testing {
namespace {

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  SocketAddress(const std::string& ip, int port) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    if (::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1) {
      v4.sin_family = AF_INET;
      v4.sin_port = htons(static_cast<std::uint16_t>(port));
      size = sizeof v4;
    } else {
      ::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr);
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(static_cast<std::uint16_t>(port));
      size = sizeof v6;
    }
  }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::string wire_form(const std::vector<std::string>& alpn) {
  std::string wire;
  for (const auto& name : alpn) wire += static_cast<char>(name.size()) + name;
  return wire;
}

void offer(SSL* ssl, const std::vector<std::string>& alpn) {
  const std::string wire = wire_form(alpn);
  SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(wire.data()),
                      static_cast<unsigned>(wire.size()));
}

}  // namespace

RawClient::RawClient(int port, const RawOptions& options) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL's writes raise it
  const SocketAddress to(options.to, port);
  fd_ = ::socket(to.storage.ss_family, SOCK_STREAM, 0);
  const timeval guard{30, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof guard);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &guard, sizeof guard);
  if (!options.from.empty()) {
    const SocketAddress from(options.from, 0);
    ::bind(fd_, from.get(), from.size);
  }
  connected_ = ::connect(fd_, to.get(), to.size) == 0;
  if (connected_ && options.tls) connected_ = shake_hands(options);
}

RawClient::~RawClient() { close(); }

bool RawClient::shake_hands(const RawOptions& options) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context_.get(), 0);  // or OpenSSL itself refuses old versions
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), options.newest);
  if (!options.certificate.empty()) {
    SSL_CTX_use_certificate_chain_file(context_.get(), options.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context_.get(), options.key.c_str(), SSL_FILETYPE_PEM);
  }
  ssl_.reset(SSL_new(context_.get()));
  if (!options.alpn.empty()) offer(ssl_.get(), options.alpn);
  SSL_set_fd(ssl_.get(), fd_);
  return SSL_connect(ssl_.get()) == 1;
}

std::string RawClient::own_address() const {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &size);
  char text[INET6_ADDRSTRLEN] = "";
  if (name.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return std::string(text) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(name);
  ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6.sin6_port));
}

std::string RawClient::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

void RawClient::write(std::string_view bytes) {
  if (ssl_)
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  else
    ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string RawClient::read(std::size_t most) {
  std::string bytes(most, '\0');
  std::size_t had = 0;
  while (had < most) {
    const auto count = ssl_ ? SSL_read(ssl_.get(), bytes.data() + had, static_cast<int>(most - had))
                            : ::recv(fd_, bytes.data() + had, most - had, 0);
    if (count <= 0) break;
    had += static_cast<std::size_t>(count);
  }
  bytes.resize(had);
  return bytes;
}

std::string RawClient::read_until(std::string_view end) {
  std::string bytes;
  while (!bytes.ends_with(end)) {
    const std::string next = read(1);
    if (next.empty()) break;
    bytes += next;
  }
  return bytes;
}

bool RawClient::heard_goodbye() const {
  return ssl_ && (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

void RawClient::say_goodbye() { SSL_shutdown(ssl_.get()); }

void RawClient::stop_writing() { ::shutdown(fd_, SHUT_WR); }

void RawClient::close() {
  ssl_.reset();
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::string client_hello(const std::vector<std::string>& alpn) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
  if (!alpn.empty()) offer(ssl.get(), alpn);
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
  SSL_set_connect_state(ssl.get());
  SSL_do_handshake(ssl.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace brontes::testing
