// What gRPC says of itself, in our log.
#pragma once

namespace brontes {

/// From now on gRPC's own lines, which it writes to standard error, are lines of the log: logger
/// "grpc", its errors as warnings (they mend themselves, or a status tells the caller), the rest as
/// debug. GRPC_VERBOSITY says, as ever, what gRPC tells at all. For the whole process; the doors
/// and channels call it. A program that wants them elsewhere calls gpr_set_log_function after its
/// first channel or door. Thread-safe.
void route_grpc_log();

}  // namespace brontes
