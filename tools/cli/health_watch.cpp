#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/tools/cli/health_watch.hpp>
#include <utility>

namespace brontes::cli {
namespace {

constexpr Duration kPatience = std::chrono::seconds(1);
constexpr const char* kCheck = "/grpc.health.v1.Health/Check";
constexpr std::string_view kHealthy = "\x08\x01";  // HealthCheckResponse{status: SERVING}

}  // namespace

EndpointHealth judge(const EndpointView& endpoint,
                     const std::optional<Expected<std::string>>& answer) {
  if (!answer) return {endpoint.address, endpoint.state, endpoint.why};
  if (*answer && **answer == kHealthy) return {endpoint.address, "serving", ""};
  if (*answer) return {endpoint.address, "not serving", "it says so (grpc.health.v1)"};
  const Status& error = answer->error();
  switch (error.code()) {
    case Errc::kUnimplemented:
      return {endpoint.address, "serving", "connected; it offers no grpc.health.v1"};
    case Errc::kDeadlineExceeded:
      return {endpoint.address, "silent", "connected, but no answer to grpc.health.v1 within 1 s"};
    default:
      return {endpoint.address, "not serving", error.to_string()};
  }
}

const Channel* HealthWatch::way_to(const std::string& address) {
  if (const auto at = ways_.find(address); at != ways_.end()) return &at->second;
  ChannelOptions options;
  options.tls = tls_;
  options.authority = authority_;
  auto way = Channel::open(system_, "static://" + address, std::move(options));
  return way ? &ways_.emplace(address, std::move(*way)).first->second : nullptr;
}

std::vector<EndpointHealth> HealthWatch::look() {
  std::vector<std::pair<EndpointView, std::optional<ClientCall<std::string>>>> asked;
  std::map<std::string, Channel> left;
  for (EndpointView& endpoint : channel_.endpoints()) {
    std::optional<ClientCall<std::string>> call;
    if (const Channel* way = endpoint.state == "ready" ? way_to(endpoint.address) : nullptr) {
      call = call_bytes(*way, kCheck, "", {.timeout = kPatience, .retry = RetryPolicy::none()});
      left.insert(ways_.extract(endpoint.address));
    }
    asked.emplace_back(std::move(endpoint), std::move(call));
  }
  ways_ = std::move(left);
  std::vector<EndpointHealth> all;
  for (const auto& [endpoint, call] : asked)
    all.push_back(judge(endpoint, call ? std::optional(call->wait()) : std::nullopt));
  return all;
}

}  // namespace brontes::cli
