// Which methods something applies to: all, some, or all but some.
#pragma once

#include <brontes/actors/call/method.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace brontes {

/// A value. An entry is a service ("orders.v1.Orders") or a method ("orders.v1.Orders/Place", with
/// or without a slash in front).
struct Selection {
  std::vector<std::string> only = {};    ///< none: every method
  std::vector<std::string> except = {};  ///< wins over `only`

  bool has(const Method& method) const;
};

/// Whether that entry of a selection means the method.
bool selects(std::string_view entry, const Method& method);

}  // namespace brontes
