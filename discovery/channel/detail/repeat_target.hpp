// Where a call is made again.
#pragma once

#include <brontes/discovery/balancing/picker.hpp>

namespace brontes {

/// The picker's choice, past the endpoints that were tried and those that have used up their tokens
/// for retries (retry_tokens.hpp). kAllExcluded: none is left.
PickResult find_untried(const Picker& picker, const PickArgs& args);

/// The same, or one that was tried if all were. kAllExcluded: whoever is READY has no tokens left.
PickResult find_for_repeat(const Picker& picker, const PickArgs& args);

}  // namespace brontes
