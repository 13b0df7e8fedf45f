// A listener before a gRPC door and a stand-in for the HTTP door.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <brontes/actors/caf.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/runtime/listener.hpp>
#include <caf/scoped_actor.hpp>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "grpc_world.hpp"

namespace brontes::testing {

/// A blocking TCP client.
class TcpClient {
 public:
  explicit TcpClient(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    const timeval guard{30, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof guard);
  }
  ~TcpClient() { close(); }
  TcpClient(const TcpClient&) = delete;

  bool connected() const { return connected_; }
  void write(std::string_view bytes) { ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  /// Up to `most` bytes; less only at the end of the connection.
  std::string read(std::size_t most) {
    std::string bytes(most, '\0');
    std::size_t had = 0;
    while (had < most) {
      const auto count = ::recv(fd_, bytes.data() + had, most - had, 0);
      if (count <= 0) break;
      had += static_cast<std::size_t>(count);
    }
    bytes.resize(had);
    return bytes;
  }
  bool closed_by_peer() { return read(1).empty(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
  bool connected_ = false;
};

/// Answers the first request of each connection with what it had been handed and "200".
class HttpStandIn {
 public:
  ~HttpStandIn() {
    for (auto& thread : threads_) thread.join();
  }
  AdoptSocket adopt() {
    return [this](int fd, std::string early) {
      threads_.emplace_back([fd, early = std::move(early)] { serve(fd, early); });
      return true;
    };
  }

 private:
  static void serve(int fd, std::string request) {
    const int flags = ::fcntl(fd, F_GETFL);
    ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    const timeval guard{30, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof guard);
    char bytes[1024];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const auto count = ::recv(fd, bytes, sizeof bytes, 0);
      if (count <= 0) break;
      request.append(bytes, static_cast<std::size_t>(count));
    }
    const std::string body = request.substr(0, request.find("\r\n"));
    const std::string reply =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
    ::close(fd);
  }

  std::vector<std::thread> threads_;  // grown by the listener's thread only, joined after its end
};

/// Shared port unless the options were changed by `change`.
struct ListenerWorld {
  using Change = std::function<void(ListenerOptions&)>;

  HttpStandIn http;
  GrpcWorld grpc{GrpcDoorOptions{}};
  System system;
  Listener listener;

  explicit ListenerWorld(const Change& change = [](ListenerOptions&) {}) {
    ListenerOptions options;
    options.address = "127.0.0.1:0";
    options.grpc = [this](int fd, const std::string& early) { return grpc.door->adopt(fd, early); };
    options.http = http.adopt();
    change(options);
    auto opened = listen(system, std::move(options));
    if (!opened) throw std::runtime_error(opened.error().to_string());
    listener = std::move(*opened);
  }
  ~ListenerWorld() { shut(); }

  int port() const { return listener.port; }
  std::string target() const { return "127.0.0.1:" + std::to_string(listener.port); }

  std::unique_ptr<Echo::Stub> stub() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return Echo::NewStub(
        grpc::CreateCustomChannel(target(), ::grpc::InsecureChannelCredentials(), arguments));
  }

  /// Asks and waits.
  template <class Reply, class Question>
  std::optional<Reply> ask_listener(Question question) {
    caf::scoped_actor self(system.caf());
    std::optional<Reply> answer;
    self->request(listener.actor, kHangGuard, question)
        .receive([&](const Reply& reply) { answer = reply; }, [](const caf::error&) {});
    return answer;
  }
  bool stop_listening() { return ask_listener<ListeningStopped>(StopListening{}).has_value(); }

  void shut() {
    if (listener.actor) stop(std::exchange(listener.actor, ListenerActor()));
    system.caf().await_all_actors_done();
  }
};

/// Until the counts are as wanted; false when they never are.
inline bool eventually(const Listener& listener,
                       const std::function<bool(const ConnectionCounts&)>& wanted) {
  const TimePoint until = after(system_clock(), kHangGuard);
  while (system_clock().now() < until) {
    if (wanted(listener.counts())) return true;
    std::this_thread::yield();
  }
  return false;
}

}  // namespace brontes::testing
