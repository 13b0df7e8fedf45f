// A node on a shared port that has adopted a Parlour, and a plain HTTP client.
#pragma once

#include <brontes/runtime/node.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "parlours.hpp"

namespace brontes::testing {

inline Settings settings_for_parlour() {
  Settings settings{.name = "parlour", .version = "v1", .listen = {"127.0.0.1", 0}};
  settings.admin.listen = {"127.0.0.1", 0};
  settings.drain.min = settings.drain.max = Duration::zero();
  return settings;
}

/// A connection to this host, for one request.
class HttpConnection {
 public:
  explicit HttpConnection(std::uint16_t port);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// "Connection: close" is added.
  void send(const std::string& method, const std::string& target, const std::string& headers = {},
            const std::string& body = {});
  /// Everything until the peer closes.
  std::string read_all();
  std::string peer() const;  ///< as the server sees it

 private:
  int fd_;
};

class NodeWithParlour {
 public:
  explicit NodeWithParlour(std::shared_ptr<grpc::Service> service,
                           const std::function<void(Node&)>& fill = {},
                           Settings settings = settings_for_parlour())
      : node_(std::move(settings)) {
    node_.adopt(std::move(service));
    if (fill) fill(node_);
    const Status started = node_.start();
    EXPECT_TRUE(started.ok()) << started.to_string();
  }

  Node& operator*() { return node_; }
  Node* operator->() { return &node_; }

  std::string ask(const std::string& method, const std::string& target,
                  const std::string& headers = {}, const std::string& body = {}) {
    HttpConnection connection(node_.http_port());
    connection.send(method, target, headers, body);
    return connection.read_all();
  }
  std::string get(const std::string& target, const std::string& headers = {}) {
    return ask("GET", target, headers);
  }

 private:
  Node node_;
};

}  // namespace brontes::testing
