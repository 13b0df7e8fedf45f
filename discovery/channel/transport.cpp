#include <brontes/discovery/channel/transport.hpp>

namespace brontes {

std::string_view to_string(Connectivity state) {
  switch (state) {
    case Connectivity::kIdle:
      return "idle";
    case Connectivity::kConnecting:
      return "connecting";
    case Connectivity::kReady:
      return "ready";
    case Connectivity::kFailing:
      return "failing";
  }
  return "unknown";
}

}  // namespace brontes
