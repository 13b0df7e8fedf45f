// grpc.health.v1 as two rows of a method table.
#pragma once

#include <brontes/actors/call/method_table.hpp>
#include <brontes/runtime/grpc/health_state.hpp>
#include <memory>

namespace brontes::detail {

/// Adds Check and Watch, answered from the state.
Status add_health(MethodTable& table, std::shared_ptr<HealthState> state);

}  // namespace brontes::detail
