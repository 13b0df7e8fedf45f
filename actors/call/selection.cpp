#include <algorithm>
#include <brontes/actors/call/selection.hpp>

namespace brontes {
namespace {

bool any(const std::vector<std::string>& entries, const Method& method) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const std::string& entry) { return selects(entry, method); });
}

}  // namespace

bool selects(std::string_view entry, const Method& method) {
  if (entry.starts_with('/')) entry.remove_prefix(1);
  return entry == method.path.substr(1) || entry == method.service();
}

bool Selection::has(const Method& method) const {
  return (only.empty() || any(only, method)) && !any(except, method);
}

}  // namespace brontes
