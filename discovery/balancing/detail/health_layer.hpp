// What servers say of themselves, by grpc.health.v1: one watch for each READY endpoint.
#pragma once

#include <brontes/actors/backoff.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/discovery/balancing/endpoint.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace brontes {

struct HealthOptions {
  std::optional<std::string> service = {};  ///< whose health; none: nobody is watched
  /// Any thread; the layer is to be told by note().
  std::function<void(std::weak_ptr<Endpoint>, std::uint64_t watch, Health)> told = {};
};

/// Confined to one actor. An endpoint counts as serving until its server says otherwise; the
/// verdict lasts until the server says another one, or is connected to anew. A watch that breaks is
/// opened again after a pause, from at most 1 s to at most 120 s; a server without grpc.health.v1
/// serves.
class HealthLayer {
 public:
  explicit HealthLayer(HealthOptions options) : options_(std::move(options)) {}

  /// READY: a watch is opened. Else it is closed, and what was said is forgotten.
  void connectivity_changed(const EndpointPtr& endpoint, Connectivity state);
  /// True: another verdict than before.
  bool note(const EndpointPtr& endpoint, std::uint64_t watch, Health health, TimePoint now);
  /// Opens the watches whose pause is over.
  void watch_again(TimePoint now);
  /// Ends the watches of endpoints that are gone.
  void prune();
  /// Ends all: their connections were closed.
  void end_watches();
  /// When that is; max: never.
  TimePoint next() const;

  bool is_serving(const Endpoint& endpoint) const;
  /// How many say that they do not serve.
  std::size_t not_serving() const { return not_serving_; }
  void clear();

 private:
  struct State {
    std::weak_ptr<Endpoint> endpoint;
    std::shared_ptr<void> watch;  // letting go ends it
    std::uint64_t number = 0;     // of the watch
    bool serves = true;
    Backoff backoff{{std::chrono::seconds(1), std::chrono::seconds(120)}};
    TimePoint again = TimePoint::max();
  };
  void open(const EndpointPtr& endpoint, State& state);
  void set(State& state, bool serves);

  HealthOptions options_;
  std::map<const Endpoint*, State> states_;  // of READY endpoints
  std::size_t not_serving_ = 0;
  std::uint64_t last_number_ = 0;
};

}  // namespace brontes
