#include <algorithm>
#include <array>
#include <bit>
#include <brontes/discovery/balancing/detail/cells.hpp>
#include <brontes/discovery/balancing/peak_ewma.hpp>
#include <cmath>

namespace brontes {
namespace {

constexpr std::int64_t kIdle = Duration(std::chrono::seconds(3)).count();

std::int64_t count(TimePoint time) { return time.time_since_epoch().count(); }

/// e^(-age / decay), in steps of a sixteenth or finer; a pick has no time for std::exp.
class Fading {
 public:
  explicit Fading(Duration decay)
      : shift_(std::bit_width(static_cast<std::uint64_t>(decay.count()) / 16) - 1) {
    for (std::size_t i = 0; i < kSteps; ++i) {
      const double age = std::ldexp(static_cast<double>(i), shift_);
      table_[i] = static_cast<float>(std::exp(-age / static_cast<double>(decay.count())));
    }
  }
  float operator()(std::int64_t age) const {
    const auto step = static_cast<std::uint64_t>(std::max<std::int64_t>(age, 0)) >> shift_;
    return table_[std::min<std::uint64_t>(step, kSteps - 1)];
  }

 private:
  static constexpr std::size_t kSteps = 128;
  int shift_;
  std::array<float, kSteps> table_{};
};

class PeakEwma final : public Picker {
 public:
  PeakEwma(std::vector<Candidate> candidates, std::shared_ptr<RandomSequence> random)
      : Picker(std::move(candidates)),
        cells_(cells_of(this->candidates())),
        random_(std::move(random)),
        channel_(cells_.all().front().stats->channel()),
        fading_(channel_.decay()) {}

  PickResult pick(const PickArgs& args) const noexcept override {
    const std::int64_t now = count(channel_.recent());
    return cells_.pick(random_->next(), args, [&](const Cell& one, const Cell& other) {
      return price(one, now) * other.weight < price(other, now) * one.weight;
    });
  }

 private:
  static constexpr float kOfPrice[] = {1e-6f, 1};  // next to nothing

  // Of one call more there, in seconds; next to none for who was not asked for 3 s, or ever.
  float price(const Cell& cell, std::int64_t now) const {
    const CallStats& stats = *cell.stats;
    const std::int64_t age = now - count(stats.last_heard());
    const std::int64_t waiting = now - count(stats.waiting_since());
    const std::uint32_t in_flight = stats.in_flight();
    // No branches: who waits and who was asked changes from endpoint to endpoint.
    const auto is_waiting = -static_cast<std::int64_t>(stats.is_waiting());
    const float silent = static_cast<float>(waiting & is_waiting) * 1e-9f;
    const auto calls = static_cast<float>(static_cast<std::int32_t>(in_flight + 1));
    const bool is_asked = static_cast<int>(in_flight != 0) | static_cast<int>(age < kIdle);
    return std::max(stats.price() * fading_(age), silent) * calls * kOfPrice[is_asked];
  }

  const PairedCells cells_;
  const std::shared_ptr<RandomSequence> random_;
  const ChannelLoad& channel_;
  const Fading fading_;
};

}  // namespace

std::unique_ptr<BalancingPolicy> make_peak_ewma(std::uint64_t seed) {
  return policy_of<PeakEwma>("peak_ewma", std::make_shared<RandomSequence>(seed));
}

}  // namespace brontes
