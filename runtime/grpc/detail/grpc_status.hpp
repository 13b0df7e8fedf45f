// Our Status and gRPC's: the same codes, texts and details (`grpc-status-details-bin`).
#pragma once

#include <brontes/actors/status.hpp>

namespace grpc {
class Status;
}

namespace brontes::detail {

grpc::Status to_grpc(const Status& status);
Status from_grpc(const grpc::Status& status);

}  // namespace brontes::detail
