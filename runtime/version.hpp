#pragma once

namespace brontes {

/// "0.1.0"
const char* version();

}  // namespace brontes
