#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/balancing/least_request.hpp>
#include <brontes/discovery/balancing/peak_ewma.hpp>
#include <brontes/discovery/balancing/policies.hpp>
#include <brontes/discovery/balancing/prefer.hpp>
#include <brontes/discovery/balancing/random_pick.hpp>
#include <brontes/discovery/balancing/ring_hash.hpp>
#include <brontes/discovery/balancing/round_robin.hpp>
#include <brontes/discovery/balancing/weighted.hpp>
#include <map>
#include <mutex>
#include <utility>

namespace brontes {
namespace {

using Factories = std::map<std::string, PolicyFactory>;

Factories standard() {
  return {
      {"least_request",
       [](const BalancingOptions& options, std::uint64_t seed) {
         return make_least_request(seed, static_cast<std::uint32_t>(options.choices));
       }},
      {"load", [](const BalancingOptions&,
                  std::uint64_t seed) { return make_load(static_cast<std::uint32_t>(seed)); }},
      {"peak_ewma",
       [](const BalancingOptions&, std::uint64_t seed) { return make_peak_ewma(seed); }},
      {"random", [](const BalancingOptions&, std::uint64_t seed) { return make_random(seed); }},
      {"ring_hash", [](const BalancingOptions& options,
                       std::uint64_t seed) { return make_ring_hash(seed, options.bounded_load); }},
      {"round_robin",
       [](const BalancingOptions&, std::uint64_t seed) {
         return make_round_robin(static_cast<std::uint32_t>(seed));
       }},
      {"weighted",
       [](const BalancingOptions&, std::uint64_t seed) {
         return make_weighted(static_cast<std::uint32_t>(seed));
       }},
  };
}

struct Table {
  std::mutex mutex;
  Factories factories = standard();
};
Table& table() {
  static Table table;
  return table;
}

PolicyFactory find(const std::string& name) {
  const std::lock_guard lock(table().mutex);
  const auto at = table().factories.find(name);
  return at == table().factories.end() ? nullptr : at->second;
}

}  // namespace

Status register_policy(std::string name, PolicyFactory factory) {
  const std::lock_guard lock(table().mutex);
  const auto [at, fresh] = table().factories.emplace(std::move(name), std::move(factory));
  if (fresh) return {};
  return {Errc::kAlreadyExists, "register policy '" + at->first + "': there is one of that name"};
}

std::vector<std::string> policy_names() {
  const std::lock_guard lock(table().mutex);
  std::vector<std::string> names;
  for (const auto& [name, factory] : table().factories) names.push_back(name);
  return names;
}

Status check_policy(const std::string& name) {
  if (find(name)) return {};
  std::string text = "'" + name + "' is none of ";
  const char* separator = "";
  for (const auto& known : policy_names()) text += std::exchange(separator, ", ") + known;
  return {Errc::kInvalidArgument, std::move(text)};
}

Status check_bounded_load(double times) {
  if (times == 0 || (times >= 1 && times <= 100)) return {};
  return {Errc::kInvalidArgument, "is neither 0 nor from 1 to 100"};
}

Status check(const BalancingOptions& options) {
  const auto refuse = [](const char* member, const std::string& why) {
    return Status(Errc::kInvalidArgument, std::string(member) + ": " + why);
  };
  if (const Status status = check_policy(options.policy); !status.ok())
    return refuse("policy", status.message());
  if (options.decay < std::chrono::milliseconds(1) || options.decay > std::chrono::hours(1))
    return refuse("decay", "is out of range, 1ms to 1h");
  if (options.slow_start < Duration::zero() || options.slow_start > std::chrono::hours(1))
    return refuse("slow_start", "is out of range, 0s to 1h");
  if (options.choices < 2 || options.choices > 10)
    return refuse("choices", std::to_string(options.choices) + " is out of range, 2 to 10");
  if (const auto source = parse_key_source(options.key); !source)
    return refuse("key", source.error().message());
  if (const Status status = check_bounded_load(options.bounded_load); !status.ok())
    return refuse("bounded_load", status.message());
  if (const auto wanted = parse_preference(options.prefer); !options.prefer.empty() && !wanted)
    return refuse("prefer", wanted.error().message());
  if (!(options.prefer_percent >= 0 && options.prefer_percent <= 100))
    return refuse("prefer_percent", "is out of range, 0 to 100");
  return {};
}

Expected<std::unique_ptr<BalancingPolicy>> make_policy(const BalancingOptions& options,
                                                       std::uint64_t seed) {
  if (Status status = check(options); !status.ok()) return fail(std::move(status));
  const PolicyFactory make = find(options.policy);
  if (options.prefer.empty()) return make(options, seed);
  return make_prefer({*parse_preference(options.prefer), options.prefer_percent},
                     make(options, seed), make(options, seed), seed);
}

}  // namespace brontes
