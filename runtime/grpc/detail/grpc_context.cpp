#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <grpcpp/server_context.h>
#include <brontes/runtime/grpc/detail/grpc_context.hpp>

#include <memory>

namespace brontes::detail {
namespace {

void replace_all(std::string& text, std::string_view from, char to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at)
    text.replace(at, from.size(), 1, to);
}

using Authentication = std::unique_ptr<grpc_auth_context, void (*)(grpc_auth_context*)>;

std::vector<std::string> values_of(const grpc_auth_context& facts, const char* property) {
  std::vector<std::string> values;
  auto rest = grpc_auth_context_find_properties_by_name(&facts, property);
  while (const grpc_auth_property* found = grpc_auth_property_iterator_next(&rest))
    values.emplace_back(found->value, found->value_length);
  return values;
}

}  // namespace

TimePoint steady_deadline(const grpc::ServerContextBase& context, const Clock& clock) {
  const gpr_timespec raw = context.raw_deadline();
  if (gpr_time_cmp(raw, gpr_inf_future(raw.clock_type)) == 0) return TimePoint::max();
  return after(clock, context.deadline() - system_clock().wall());
}

std::string peer_address(const grpc::ServerContextBase& context) {
  return readable_peer(context.peer());
}

RawPeer raw_peer(grpc_call* call) { return {grpc_call_get_peer(call), gpr_free}; }

std::string readable_peer(std::string peer) {
  replace_all(peer, "%5B", '[');
  replace_all(peer, "%5D", ']');
  return peer;
}

// Asked from any thread, so not by context.auth_context(), which fills a member without a lock.
PeerIdentity identity_of_peer(grpc_call* call) {
  PeerIdentity identity;
  const Authentication facts(grpc_call_auth_context(call), &grpc_auth_context_release);
  if (!facts || grpc_auth_context_peer_is_authenticated(facts.get()) == 0) return identity;
  for (auto& name : values_of(*facts, GRPC_X509_CN_PROPERTY_NAME)) identity.common_name = name;
  identity.uris = values_of(*facts, GRPC_PEER_URI_PROPERTY_NAME);
  identity.dns_names = values_of(*facts, GRPC_PEER_DNS_PROPERTY_NAME);
  return identity;
}

std::string first_value(const grpc::ServerContextBase& context, std::string_view key) {
  const auto& all = context.client_metadata();
  const auto found = all.lower_bound(grpc::string_ref(key.data(), key.size()));
  if (found == all.end() || found->first != grpc::string_ref(key.data(), key.size())) return {};
  return {found->second.data(), found->second.size()};
}

std::vector<std::pair<std::string, std::string>> all_values(
    const grpc::ServerContextBase& context) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [key, value] : context.client_metadata())
    all.emplace_back(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  return all;
}

}  // namespace brontes::detail
