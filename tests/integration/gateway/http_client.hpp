// A plain socket that speaks to a door, and the door with the conformance backend.
#pragma once

#include <gtest/gtest.h>

#include <brontes/gateway/http_door.hpp>
#include <brontes/gateway/route_table.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "conformance_service.hpp"

namespace brontes {

class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;

  /// Whether anybody listens there.
  static bool can_connect(std::uint16_t port);

  int fd() const { return fd_; }
  int release();
  void send(std::string_view bytes);
  /// Until the text has come (it is included), the peer closes, or a generous while has passed.
  std::string read_until(std::string_view text);
  /// Everything until the peer closes.
  std::string read_all() { return read_until({}); }
  /// One reply with Content-Length: head and body.
  std::string reply();
  std::string ask(std::string_view request) {
    send(request);
    return reply();
  }

 private:
  int fd_;
  std::string buffer_;
};

std::string get(std::string_view target, std::string_view more_headers = {});

/// A pair of connected sockets of TCP: `near` is the test's.
struct SocketPair {
  SocketPair();
  std::unique_ptr<Client> near;
  int far = -1;
};

/// The backend, its routes, and a door that the test starts.
struct DoorTest : testing::Test {
  DoorTest() { backend.add_to(table); }
  HttpDoor& open(HttpDoorOptions options = {});
  std::uint16_t start(HttpDoorOptions options = {});

  MethodTable table;
  conformance::Backend backend;
  std::unique_ptr<HttpDoor> door;
};

}  // namespace brontes
