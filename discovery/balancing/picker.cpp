#include <brontes/discovery/balancing/picker.hpp>

namespace brontes {
namespace {

constexpr std::size_t kMostPassed = 16;

bool is_ready(const PickResult& picked) { return picked.endpoint->connection()->ready(); }

}  // namespace

PickResult pick_ready(const Picker& picker, const PickArgs& args) {
  const PickResult first = picker.pick(args);
  if (!first.endpoint || is_ready(first)) return first;
  std::vector<const Endpoint*> excluded(args.excluded.begin(), args.excluded.end());
  for (PickResult picked = first; excluded.size() < args.excluded.size() + kMostPassed;) {
    excluded.push_back(picked.endpoint);
    picked = picker.pick({args.path, excluded});
    if (!picked.endpoint) break;
    if (is_ready(picked)) return picked;
  }
  return first;
}

}  // namespace brontes
