// The greeters of the demo, and a view of them through discovery.
#pragma once

#include <brontes/runtime/node.hpp>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace demo {

/// Of each record: so long it outlives a kill.
constexpr brontes::Duration kTtl = std::chrono::seconds(2);

/// Three nodes on one stage and one embedded registry, each with a port of its own.
class Crew {
 public:
  explicit Crew(std::size_t size);

  brontes::Status start();
  /// As if the process was killed. `number` counts from 0.
  void kill(std::size_t number);
  /// A new node on the port of the old one.
  brontes::Status restart(std::size_t number);
  /// All at once, each drains. The first failure.
  brontes::Status stop();

  std::string address(std::size_t number) const { return addresses_[number]; }
  std::size_t size() const { return addresses_.size(); }
  /// The way to all of them: discovery:///greeter/v1.
  const brontes::Channel& channel() const { return *channel_; }
  /// Asks the registry now; a record that says drained is not counted.
  bool is_listed(std::size_t number);
  /// Blocks until the registry has dropped the record of one that was killed: how long after kill()
  /// that was, or nothing after half a minute.
  std::optional<brontes::Duration> wait_lapsed(std::size_t number);
  const brontes::Clock& clock() const { return system_.clock(); }

 private:
  std::unique_ptr<brontes::Node> make_node(brontes::Address listen);
  brontes::Status watch();

  brontes::System system_;
  brontes::Discovery discovery_;
  std::vector<std::unique_ptr<brontes::Node>> nodes_;
  std::vector<std::string> addresses_;
  std::unique_ptr<brontes::Channel> channel_;
  std::mutex mutex_;
  std::condition_variable changed_;
  brontes::TimePoint killed_at_;
  std::map<std::string, brontes::TimePoint> gone_at_;  ///< from the registry, by address
  brontes::Subscription subscription_;
};

}  // namespace demo
