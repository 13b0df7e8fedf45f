#include <algorithm>
#include <array>
#include <brontes/discovery/channel/detail/repeat_target.hpp>

namespace brontes {
namespace {

// So often the policy is asked for another one: with that many without tokens the service fails.
constexpr std::size_t kMostDraws = 8;
constexpr std::size_t kMostPassed = 2 * kMostDraws;

bool has_tokens(const Endpoint& endpoint) {
  return endpoint.shared_stats()->retry_tokens().allow();
}

}  // namespace

PickResult find_untried(const Picker& picker, const PickArgs& args) {
  std::array<const Endpoint*, kMostPassed> passed;
  std::size_t count = std::min(args.excluded.size(), kMostDraws);
  std::copy_n(args.excluded.begin(), count, passed.begin());
  for (std::size_t asked = 0; asked < kMostDraws; ++asked) {
    const PickResult picked = pick_ready(picker, {args.path, {passed.data(), count}, args.key});
    if (!picked.endpoint || has_tokens(*picked.endpoint)) return picked;
    passed[count++] = picked.endpoint;
  }
  return {nullptr, NoPick::kAllExcluded};
}

PickResult find_for_repeat(const Picker& picker, const PickArgs& args) {
  const PickResult untried = find_untried(picker, args);
  if (untried.endpoint || untried.why != NoPick::kAllExcluded) return untried;
  return find_untried(picker, {args.path, {}, args.key});
}

}  // namespace brontes
