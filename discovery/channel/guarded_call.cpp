#include <algorithm>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <brontes/discovery/channel/guarded_call.hpp>

namespace brontes::detail {

CallTerms terms_of(const Channel& channel, std::string_view path, const CallOptions& options) {
  CallTerms terms;
  const ChannelCore& core = *channel.core();
  const Duration timeout = options.timeout.value_or(core.rules.of(path).timeout);
  terms.deadline = std::min(after(core.clock, timeout), options.parent.deadline);
  terms.cancellation = options.parent.cancellation;
  terms.key = options.key.empty() ? std::string(path) : options.key;
  return terms;
}

Duration time_left(const Channel& channel, const CallTerms& terms) {
  return terms.deadline - channel.core()->clock.now();
}

}  // namespace brontes::detail
