// The words of HTTP/2 that the listener looks for, and says: RFC 9113, section 6.
#pragma once

#include <cstdint>

namespace brontes::detail {

enum FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kSettings = 4,
  kGoAway = 7,
  kContinuation = 9
};
enum FrameFlag : std::uint8_t {
  kAck = 1,        // of kSettings
  kEndStream = 1,  // of the others
  kEndHeaders = 4,
  kPadded = 8,
  kPriority = 32
};

}  // namespace brontes::detail
