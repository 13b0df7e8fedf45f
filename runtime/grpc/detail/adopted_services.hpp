// The adopted services of one door: before the chain for its callers, behind it for other doors.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/runtime/grpc/adopted_service.hpp>
#include <brontes/runtime/grpc/detail/guard_service.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <set>
#include <string_view>
#include <vector>

namespace brontes::detail {

using Adopted = std::vector<std::shared_ptr<AdoptedService>>;

/// For the server of the door.
class AdoptedServices {
 public:
  /// kFailedPrecondition: the rows of a service are not in the table.
  Status add(const MethodTable& table, const Adopted& adopted, DoorScope& scope);
  const std::set<std::string_view>& names() const { return names_; }
  void register_with(grpc::ServerBuilder& builder) const;

 private:
  Adopted adopted_;
  std::set<std::string_view> names_;
  std::vector<std::unique_ptr<GuardService>> guards_;
};

/// What bounds the threads of sync handlers behind other doors.
struct RelayThreads {
  std::size_t max_handlers;              ///< at once; beyond: RESOURCE_EXHAUSTED
  grpc_resource_quota* quota = nullptr;  ///< counts instead, if there is one
};

/// A second server without ports: only relays, which hold its one channel, can reach it. What comes
/// here has passed the chain at its own door, and does not pass it again. It is a server of its own
/// so that neither GOAWAY nor the drain of the first one touches calls of other doors.
class BackServer {
 public:
  /// Connects the services. gRPC's own interceptors are those of `front`, which outlives it.
  static Expected<std::unique_ptr<BackServer>> open(const Adopted& adopted, const Clock& clock,
                                                    const grpc::Server& front,
                                                    const RelayThreads& threads);
  /// end().
  ~BackServer();

  /// Cancels what is left and waits for the handlers, and until the relays have brought their
  /// answers back. Blocks; idempotent, thread-safe.
  void end();

 private:
  BackServer(const Adopted& adopted, const Clock& clock);

  const Adopted adopted_;
  const MethodTable table_;  // without a chain
  DoorScope scope_;
  std::vector<std::unique_ptr<GuardService>> guards_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;  // the last hold on it
  std::once_flag ended_;
};

}  // namespace brontes::detail
