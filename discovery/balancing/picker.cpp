#include <algorithm>
#include <array>
#include <brontes/discovery/balancing/picker.hpp>

namespace brontes {
namespace {

// So often the policy is asked for another one, so that the share of what died is spread its way.
constexpr std::size_t kMostAsked = 16;
constexpr std::size_t kMostExcluded = 2 * kMostAsked;

bool is_ready(const Endpoint& endpoint) { return endpoint.connection()->ready(); }

// Once round all of them, behind the one that was picked last.
Endpoint* next_ready(const Picker& picker, const PickArgs& args, const Endpoint* last) {
  const auto& all = picker.candidates();
  const auto is_last = [last](const Candidate& candidate) {
    return candidate.endpoint.get() == last;
  };
  const auto fits = [&args](const Candidate& candidate) {
    return !args.excludes(candidate.endpoint.get()) && is_ready(*candidate.endpoint);
  };
  const auto middle = std::find_if(all.begin(), all.end(), is_last);
  if (const auto found = std::find_if(middle, all.end(), fits); found != all.end())
    return found->endpoint.get();
  const auto found = std::find_if(all.begin(), middle, fits);
  return found == middle ? nullptr : found->endpoint.get();
}

}  // namespace

PickResult pick_ready(const Picker& picker, const PickArgs& args) {
  const PickResult first = picker.pick(args);
  if (!first.endpoint || is_ready(*first.endpoint)) return first;
  std::array<const Endpoint*, kMostExcluded> passed;
  std::size_t count = std::min(args.excluded.size(), passed.size());
  std::copy_n(args.excluded.begin(), count, passed.begin());
  const Endpoint* last = first.endpoint;
  for (std::size_t asked = 0; asked < kMostAsked && count < passed.size(); ++asked) {
    passed[count++] = last;
    const PickResult picked = picker.pick({args.path, {passed.data(), count}, args.key});
    if (!picked.endpoint) return first;
    if (is_ready(*picked.endpoint)) return picked;
    last = picked.endpoint;
  }
  if (Endpoint* const found = next_ready(picker, args, last)) return {found, NoPick::kNone};
  return first;
}

}  // namespace brontes
