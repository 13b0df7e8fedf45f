#include <algorithm>
#include <brontes/discovery/balancing/detail/turns.hpp>
#include <brontes/discovery/balancing/prefer.hpp>
#include <string_view>

namespace brontes {
namespace {

constexpr std::uint32_t kWhole = 1'000'000;

class PreferPicker final : public Picker {
 public:
  PreferPicker(std::vector<Candidate> candidates, std::shared_ptr<const Picker> matching,
               std::shared_ptr<const Picker> rest, std::uint32_t part,
               std::shared_ptr<RandomSequence> random)
      : Picker(std::move(candidates)),
        matching_(std::move(matching)),
        rest_(std::move(rest)),
        part_(part),
        random_(std::move(random)) {}

  PickResult pick(const PickArgs& args) const noexcept override {
    const bool preferred = is_preferred(args.key);
    const PickResult picked = (preferred ? matching_ : rest_)->pick(args);
    if (picked.endpoint) return picked;
    return (preferred ? rest_ : matching_)->pick(args);
  }

 private:
  bool is_preferred(std::uint64_t key) const {
    if (part_ == kWhole) return true;
    // Mixed once more: a ring takes the key as it is, and half a ring would get no calls.
    const std::uint64_t bits = key != 0 ? mix(key + 1) : random_->next();
    return below(kWhole, static_cast<std::uint32_t>(bits)) < part_;
  }

  const std::shared_ptr<const Picker> matching_, rest_;
  const std::uint32_t part_;
  const std::shared_ptr<RandomSequence> random_;
};

class Prefer final : public BalancingPolicy {
 public:
  Prefer(Preference preference, std::unique_ptr<BalancingPolicy> matching,
         std::unique_ptr<BalancingPolicy> rest, std::uint64_t seed)
      : wanted_(std::move(preference.wanted)),
        part_(static_cast<std::uint32_t>(preference.percent / 100 * kWhole + 0.5)),
        matching_(std::move(matching)),
        rest_(std::move(rest)),
        random_(std::make_shared<RandomSequence>(seed)) {}

  std::string_view name() const override { return matching_->name(); }
  bool weighs_load() const override { return matching_->weighs_load(); }

  std::shared_ptr<const Picker> make_picker(std::vector<Candidate> candidates) override {
    std::vector<Candidate> matching, rest;
    for (const Candidate& each : candidates)
      (wanted_.matches(*each.instance) ? matching : rest).push_back(each);
    if (matching.empty()) return rest_->make_picker(std::move(rest));
    if (rest.empty()) return matching_->make_picker(std::move(matching));
    return std::make_shared<const PreferPicker>(
        std::move(candidates), matching_->make_picker(std::move(matching)),
        rest_->make_picker(std::move(rest)), part_, random_);
  }

 private:
  const Query wanted_;
  const std::uint32_t part_;
  const std::unique_ptr<BalancingPolicy> matching_, rest_;
  const std::shared_ptr<RandomSequence> random_;
};

// "tags.zone=a" into the query; false: it is nothing of the kind.
bool take_condition(std::string_view text, Query& query) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = text.substr(0, equals);
  const std::string value(text.substr(equals + 1));
  const auto entry = [name](std::string_view prefix) {
    return name.size() > prefix.size() && name.starts_with(prefix)
               ? std::string(name.substr(prefix.size()))
               : "";
  };
  if (name == "version" && !value.empty() && query.version.empty())
    query.version = value;
  else if (const std::string key = entry("tags."); !key.empty())
    return query.tags.emplace(key, value).second;
  else if (const std::string key = entry("metadata."); !key.empty())
    return query.metadata.emplace(key, value).second;
  else
    return false;
  return true;
}

}  // namespace

Expected<Query> parse_preference(const std::string& text) {
  Query query;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::size_t begin = std::min(text.find_first_not_of(' ', at), comma);
    std::string_view item = std::string_view(text).substr(begin, comma - begin);
    item = item.substr(0, item.find_last_not_of(' ') + 1);
    if (!take_condition(item, query))
      return fail(Errc::kInvalidArgument,
                  "'" + std::string(item) +
                      "' is none of version=V, tags.KEY=VALUE and metadata.KEY=VALUE, each once");
    at = comma + 1;
  }
  return query;
}

std::unique_ptr<BalancingPolicy> make_prefer(Preference preference,
                                             std::unique_ptr<BalancingPolicy> matching,
                                             std::unique_ptr<BalancingPolicy> rest,
                                             std::uint64_t seed) {
  return std::make_unique<Prefer>(std::move(preference), std::move(matching), std::move(rest),
                                  seed);
}

}  // namespace brontes
