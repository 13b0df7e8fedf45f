// A stock gRPC service, as protoc generates it and users derive from it, served like any other.
#pragma once

#include <brontes/actors/call/method.hpp>
#include <brontes/actors/status.hpp>
#include <memory>
#include <vector>

namespace grpc {
class Service;
}

namespace brontes {

namespace detail {
struct Adoption;
}

/// `Greeter::Service` or `Greeter::CallbackService`, or a mixture (WithCallbackMethod_...). Calls
/// that come by gRPC run its handlers as gRPC itself would, on gRPC's threads and with gRPC's
/// context, inside of the chain of the table; other doors reach them through the rows. Outlives the
/// table and the door it is served by; of one door.
class AdoptedService {
 public:
  /// Names the service and the method in every error, all kInvalidArgument: null; no method; a
  /// method that is served by a completion queue (AsyncService), raw, generic or streamed; a
  /// descriptor that is not linked.
  static Expected<std::shared_ptr<AdoptedService>> adopt(std::shared_ptr<grpc::Service> service);
  ~AdoptedService();
  AdoptedService(const AdoptedService&) = delete;
  AdoptedService& operator=(const AdoptedService&) = delete;

  /// For the method table. Calls answer UNAVAILABLE while no door serves the service.
  const std::vector<Method>& rows() const;

  /// For the door.
  const detail::Adoption& adoption() const { return *adoption_; }

 private:
  explicit AdoptedService(std::unique_ptr<detail::Adoption> adoption);
  std::unique_ptr<detail::Adoption> adoption_;
};

}  // namespace brontes
