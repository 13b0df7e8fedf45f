#include <algorithm>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <brontes/discovery/channel/guarded_call.hpp>

namespace brontes::detail {

CallTerms terms_of(const Channel& channel, std::string_view path, const CallOptions& options) {
  CallTerms terms;
  terms.deadline = std::min(after(channel.core()->clock, options.timeout), options.parent.deadline);
  terms.cancellation = options.parent.cancellation;
  terms.key = options.key.empty() ? std::string(path) : options.key;
  return terms;
}

}  // namespace brontes::detail
