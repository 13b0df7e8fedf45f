// What a load balancer thinks of each endpoint, and why: for people, and never for picks.
#pragma once

#include <brontes/discovery/balancing/endpoint.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace brontes {

struct EndpointVerdict {
  EndpointPtr endpoint;
  bool called = false;  ///< calls go there
  bool drained = false, ejected = false;
  bool serves = true;  ///< false: its grpc.health.v1 says that it does not
  std::string why{};   ///< it is not called, or is although it should not be; "": its state says it
};

/// By address, of all that the registry names.
using EndpointVerdicts = std::vector<EndpointVerdict>;

/// Where the newest ones are: written with each picker, seldom read. Thread-safe.
class VerdictBoard {
 public:
  void set(EndpointVerdicts verdicts) {
    auto made = std::make_shared<const EndpointVerdicts>(std::move(verdicts));
    const std::lock_guard lock(mutex_);
    newest_.swap(made);
  }
  std::shared_ptr<const EndpointVerdicts> get() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const EndpointVerdicts> newest_ = std::make_shared<EndpointVerdicts>();
};

}  // namespace brontes
