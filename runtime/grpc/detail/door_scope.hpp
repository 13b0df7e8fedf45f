// What the calls of one door share.
#pragma once

#include <atomic>
#include <cstddef>

namespace brontes::detail {

struct DoorScope {
  std::atomic<std::size_t> in_flight{0};
  /// Set before gRPC is told to cancel: a call that begins later is refused at once.
  std::atomic<bool> cancelling{false};
};

}  // namespace brontes::detail
