// A gRPC client that is gone from one moment to the next, as if its process had been killed.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

namespace brontes::testing {

/// One connection to a port of this host, which is not made anew.
class VanishingChannel {
 public:
  explicit VanishingChannel(int port) : spare_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(spare_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    ::fcntl(spare_, F_SETFL, O_NONBLOCK);
    channel_ = grpc::CreateInsecureChannelFromFd("vanishing", ::dup(spare_));  // which it closes
  }
  ~VanishingChannel() { ::close(spare_); }
  VanishingChannel(const VanishingChannel&) = delete;
  VanishingChannel& operator=(const VanishingChannel&) = delete;

  const std::shared_ptr<grpc::Channel>& operator*() const { return channel_; }

  /// Ends the connection under the client's feet: no call of it is cancelled, no GOAWAY is sent.
  void vanish() { ::shutdown(spare_, SHUT_RDWR); }

 private:
  const int spare_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace brontes::testing
