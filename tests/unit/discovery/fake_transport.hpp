// Connections by script: the test says which are up and how calls end.
#pragma once

#include <brontes/discovery/balancing/call_stats.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace brontes::testing {

class FakeConnection final : public Connection {
 public:
  explicit FakeConnection(ConnectionOptions options) : options_(std::move(options)) {}

  void connect() override { ++connects; }
  void reset_backoff() override { ++resets; }
  bool ready() const override { return is_up; }
  std::shared_ptr<void> watch_health(const std::string& service,
                                     std::function<void(Health)> told) override {
    health_service = service;
    ++health_watches;
    ++*open_health_watches;
    health = std::move(told);
    return std::shared_ptr<void>(open_health_watches.get(),
                                 [open = open_health_watches](void*) { --*open; });
  }
  std::shared_ptr<UnaryAttempt> start_unary(UnaryRequest request,
                                            std::function<void(UnaryReply)> done) override {
    struct Attempt final : UnaryAttempt {
      explicit Attempt(std::shared_ptr<int> counted) : cancelled(std::move(counted)) {}
      void cancel() override { ++*cancelled; }
      const std::shared_ptr<int> cancelled;
    };
    const auto ticket = options_.stats->begin();
    requests.push_back(std::move(request));
    pending.push_back([stats = options_.stats, ticket, done = std::move(done)](UnaryReply reply) {
      stats->end(ticket, reply.status.code());
      done(std::move(reply));
    });
    if (answer) take()(answer());
    return std::make_shared<Attempt>(cancelled);
  }

  void report(Connectivity state) { options_.on_connectivity(state); }
  /// Takes out the oldest call that waits for its answer.
  std::function<void(UnaryReply)> take() {
    auto first = std::move(pending.front());
    pending.erase(pending.begin());
    return first;
  }

  int connects = 0, resets = 0;
  int health_watches = 0;
  std::shared_ptr<int> open_health_watches = std::make_shared<int>(0);
  std::string health_service;
  std::function<void(Health)> health;                               ///< of the newest watch
  const std::shared_ptr<int> cancelled = std::make_shared<int>(0);  ///< attempts
  bool is_up = true;                                                ///< what ready() says
  std::function<UnaryReply()> answer;  ///< null: calls wait in `pending`
  std::vector<UnaryRequest> requests;
  std::vector<std::function<void(UnaryReply)>> pending;

 private:
  ConnectionOptions options_;
};

class FakeTransport final : public Transport {
 public:
  // A call that never ended holds its connection, which holds the call.
  ~FakeTransport() override {
    for (const auto& [address, connection] : connections)
      if (connection) connection->pending.clear();
  }
  std::shared_ptr<Connection> open(ConnectionOptions options) override {
    const std::string address = options.address;
    auto connection = std::make_shared<FakeConnection>(std::move(options));
    connections[address] = connection;
    return connection;
  }
  FakeConnection& at(const std::string& address) { return *connections.at(address); }

  std::map<std::string, std::shared_ptr<FakeConnection>> connections;
};

inline UnaryReply good() { return {}; }
inline UnaryReply cut_off() { return {{Errc::kUnavailable, "cut off"}, {}, {}, {}, true}; }
inline UnaryReply refused() { return {{Errc::kUnavailable, "refused"}, {}, {}, {}, false}; }

}  // namespace brontes::testing
