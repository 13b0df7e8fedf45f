#include <brontes/actors/caf.hpp>
#include <brontes/actors/call/detail/settle.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace brontes::detail {

bool settle(System& system) {
  if (!system.deterministic()) return false;
  auto& stage = dynamic_cast<caf::scheduler::test_coordinator&>(system.caf().scheduler());
  while (stage.try_run_once()) {
  }
  return true;
}

}  // namespace brontes::detail
