// The rows balancing.* of the table of settings.
#pragma once

#include <brontes/discovery/balancing/balancing_options.hpp>
#include <brontes/runtime/setting.hpp>
#include <vector>

namespace brontes::detail {

/// Bound to `balancing`, which must outlive them.
void add_balancing(std::vector<Setting>& rows, BalancingOptions& balancing);

}  // namespace brontes::detail
