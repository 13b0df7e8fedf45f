// A registry and the greeters of the demo, each a process of its own, seen through discovery.
#pragma once

#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/discovery.hpp>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "process.hpp"

namespace demo {

/// Of each record: so long it outlives a kill.
constexpr brontes::Duration kTtl = std::chrono::seconds(2);

/// `brontes registry`, and three times `greeter`, each on a port of its own. All that is known of
/// the greeters, their addresses too, is what the registry says.
class Crew {
 public:
  explicit Crew(std::size_t size);

  brontes::Status start();
  /// kill -9. `number` counts from 0.
  void kill(std::size_t number);
  /// A new process on the port of the old one.
  brontes::Status restart(std::size_t number);
  /// All at once, each drains; the registry last. The first failure.
  brontes::Status stop();

  const std::string& registry() const { return url_; }
  const std::string& address(std::size_t number) const { return addresses_[number]; }
  int pid(std::size_t number) const { return greeters_[number]->pid(); }
  std::size_t size() const { return greeters_.size(); }
  /// The way to all of them: discovery:///greeter/v1.
  const brontes::Channel& channel() const { return *channel_; }
  /// Asks the registry now; a record that says drained is not counted.
  bool is_listed(std::size_t number);
  /// Blocks until the registry has dropped the record of one that was killed: how long after kill()
  /// that was, or nothing after half a minute.
  std::optional<brontes::Duration> wait_lapsed(std::size_t number);
  const brontes::Clock& clock() const { return system_.clock(); }

 private:
  brontes::Status start_registry();
  void start_greeter(std::size_t number, const std::string& listen);
  brontes::Status watch();
  void note(const brontes::DiscoveryEvent& event);
  brontes::Status wait_listed();

  brontes::System system_;
  std::optional<Process> registry_;
  std::string url_;
  std::optional<brontes::Discovery> discovery_;
  std::vector<std::optional<Process>> greeters_;
  std::vector<std::string> addresses_;
  std::optional<brontes::Channel> channel_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> listed_;  ///< address by the tag that tells the greeters apart
  brontes::TimePoint killed_at_;
  std::map<std::string, brontes::TimePoint> gone_at_;  ///< from the registry, by address
  brontes::Subscription subscription_;
};

}  // namespace demo
