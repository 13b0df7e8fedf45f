#include <brontes/runtime/version.hpp>

namespace brontes {

const char* version() { return BRONTES_VERSION; }

}  // namespace brontes
