#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/balancing/policies.hpp>
#include <brontes/discovery/balancing/prefer.hpp>
#include <brontes/runtime/detail/balancing_settings.hpp>
#include <charconv>
#include <chrono>
#include <string>

namespace brontes::detail {

using namespace std::chrono_literals;

void add_balancing(std::vector<Setting>& rows, BalancingOptions& balancing) {
  rows.push_back(setting("balancing.policy", balancing.policy,
                         "how channels of this node spread calls; docs/balancing.md lists them")
                     .with_check([](std::string_view, const std::string& text) {
                       return check_policy(text);
                     }));
  rows.push_back(setting("balancing.decay", balancing.decay,
                         "how long what is known of an endpoint counts", {1ms, 1h}));
  rows.push_back(setting("balancing.choices", balancing.choices,
                         "least_request: so many are drawn, and the best is called", {2, 10}));
  rows.push_back(setting("balancing.slow_start", balancing.slow_start,
                         "until a new endpoint gets all of its calls", {0s, 1h}));
  rows.push_back(setting("balancing.ejection", balancing.ejection,
                         "who fails again and again gets no calls for a while"));
  rows.push_back(
      setting("balancing.key", balancing.key,
              "what keeps calls together: header:x-user or field:user.id; empty: nothing")
          .with_check([](std::string_view, const std::string& text) {
            const auto source = parse_key_source(text);
            return source ? Status() : source.error();
          }));
  rows.push_back(setting("balancing.bounded_load", balancing.bounded_load,
                         "ring_hash: times its share of calls that an endpoint may have; 0: any",
                         {0, 100})
                     .with_check([](std::string_view, const std::string& text) {
                       double times = 0;
                       std::from_chars(text.data(), text.data() + text.size(), times);
                       return times > 0 && times < 1 ? check_bounded_load(times) : Status();
                     }));
  rows.push_back(setting("balancing.prefer", balancing.prefer,
                         "who is preferred: version=v2, tags.zone=a; empty: nobody")
                     .with_check([](std::string_view, const std::string& text) {
                       const auto wanted = parse_preference(text);
                       return wanted || text.empty() ? Status() : wanted.error();
                     }));
  rows.push_back(setting("balancing.prefer_percent", balancing.prefer_percent,
                         "so many of the calls go to those that are preferred", {0, 100}));
}

}  // namespace brontes::detail
