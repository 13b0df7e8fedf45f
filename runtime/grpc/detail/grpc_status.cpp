#include <grpcpp/support/status.h>
#include <brontes/runtime/grpc/detail/grpc_status.hpp>

namespace brontes::detail {

grpc::Status to_grpc(const Status& status) {
  if (status.ok()) return {};
  return {static_cast<grpc::StatusCode>(status.code()), status.message(), status.details()};
}

Status from_grpc(const grpc::Status& status) {
  if (status.ok()) return {};
  // A peer may send any number; outside the canonical set it means nothing to us.
  const int code = status.error_code();
  const bool known = code > 0 && code <= static_cast<int>(Errc::kUnauthenticated);
  return {known ? static_cast<Errc>(code) : Errc::kUnknown, status.error_message(),
          status.error_details()};
}

}  // namespace brontes::detail
