// The endpoints of one channel: which ones the registry names, which are connected, which are on
// their way out. Decides nothing about calls.
#pragma once

#include <algorithm>
#include <brontes/actors/clock.hpp>
#include <brontes/discovery/balancing/detail/pace.hpp>
#include <brontes/discovery/balancing/endpoint.hpp>
#include <brontes/discovery/balancing/endpoint_verdict.hpp>
#include <brontes/discovery/snapshot.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace brontes {

struct EndpointSetOptions {
  std::shared_ptr<Transport> transport;
  std::shared_ptr<ChannelLoad> load;
  std::string authority;
  std::size_t max_connecting = 32;                  ///< at once
  double connects_per_second = 50;                  ///< after the first 32 or so; 0: any number
  Duration close_after = std::chrono::seconds(30);  ///< at the latest, of what was removed
  /// Any thread; the set is to be told by connectivity_changed().
  std::function<void(std::weak_ptr<Endpoint>, Connectivity)> on_connectivity;
};

/// Confined to one actor.
class EndpointSet {
 public:
  explicit EndpointSet(EndpointSetOptions options)
      : options_(std::move(options)),
        pace_(options_.connects_per_second, std::max(kBurst, options_.max_connecting)) {}

  /// Adds what is new, retires what is gone, resets the backoff of what was started anew.
  void apply(const Snapshot& snapshot, TimePoint now);
  /// False: a late report about an endpoint that is gone.
  bool connectivity_changed(const EndpointPtr& endpoint, Connectivity state, TimePoint now);
  /// Connects those who waited for their turn.
  void connect_some(TimePoint now);
  /// When the next of them has it; max: nobody waits for the time.
  TimePoint connects_at(TimePoint now) const;
  /// Closes retired endpoints that have no calls, or had their time.
  void close_retired(TimePoint now);
  bool has_retired() const { return retired_ > 0; }

  /// Closes all connections, and makes none until wake().
  void rest();
  void wake(TimePoint now);
  bool is_resting() const { return resting_; }

  std::size_t size() const { return entries_.size(); }
  /// READY, wanted and healthy, by address; those without weight only if no other is.
  std::vector<Candidate> candidates() const;
  /// How many there are in the registry that are healthy, READY or not.
  std::size_t wanted() const;
  /// Addresses of the first endpoints that are wanted and healthy, READY or not.
  std::vector<std::string> hopefuls(std::size_t most) const;
  /// One of those has not failed to connect.
  bool has_hope() const;
  /// All that the registry names: who is drained, and what else its records say.
  EndpointVerdicts verdicts() const;
  /// "3 endpoints: 2 connecting, 1 failing (10.0.0.7:80)"
  std::string describe() const;
  /// Closes all and forgets its options: the set is not used any more.
  void clear();

 private:
  struct Entry {
    EndpointPtr endpoint;
    InstancePtr instance;     // of the newest incarnation at the address
    bool connecting = false;  // holds one of max_connecting places
    bool retired = false;     // not in the registry any more
    TimePoint retired_at{};
  };
  static constexpr std::size_t kBurst = 32;
  using Entries = std::map<std::string, Entry, std::less<>>;

  void renew(Entry& entry, const InstancePtr& instance);
  void add(const InstancePtr& instance);
  void connect(Entry& entry);
  Entries::iterator close(Entries::iterator at);

  EndpointSetOptions options_;
  Entries entries_;                     // by address
  std::deque<std::string> to_connect_;  // addresses that wait for a place
  std::size_t connecting_ = 0, retired_ = 0;
  Pace pace_;
  bool resting_ = false;
};

}  // namespace brontes
