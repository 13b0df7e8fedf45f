#include <grpc/support/time.h>
#include <grpcpp/server_context.h>
#include <brontes/runtime/grpc/detail/grpc_context.hpp>

namespace brontes::detail {
namespace {

void replace_all(std::string& text, std::string_view from, char to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at)
    text.replace(at, from.size(), 1, to);
}

}  // namespace

TimePoint steady_deadline(const grpc::CallbackServerContext& context, const Clock& clock) {
  const gpr_timespec raw = context.raw_deadline();
  if (gpr_time_cmp(raw, gpr_inf_future(raw.clock_type)) == 0) return TimePoint::max();
  return after(clock, context.deadline() - system_clock().wall());
}

std::string peer_address(const grpc::CallbackServerContext& context) {
  std::string peer = context.peer();
  replace_all(peer, "%5B", '[');
  replace_all(peer, "%5D", ']');
  return peer;
}

std::string first_value(const grpc::CallbackServerContext& context, std::string_view key) {
  const auto& all = context.client_metadata();
  const auto found = all.lower_bound(grpc::string_ref(key.data(), key.size()));
  if (found == all.end() || found->first != grpc::string_ref(key.data(), key.size())) return {};
  return {found->second.data(), found->second.size()};
}

std::vector<std::pair<std::string, std::string>> all_values(
    const grpc::CallbackServerContext& context) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [key, value] : context.client_metadata())
    all.emplace_back(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  return all;
}

}  // namespace brontes::detail
