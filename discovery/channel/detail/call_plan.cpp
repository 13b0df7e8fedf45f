#include <algorithm>
#include <brontes/actors/call/metadata.hpp>
#include <brontes/discovery/channel/detail/call_plan.hpp>
#include <brontes/discovery/channel/detail/request_key.hpp>
#include <charconv>
#include <utility>

namespace brontes {
namespace {

// Who waits for us needs some of the time for our answer, and what follows from it.
TimePoint latest_for(const CallContext& parent, Duration margin, TimePoint now) {
  if (parent.deadline == TimePoint::max() || parent.deadline <= now) return parent.deadline;
  return parent.deadline - std::min(margin, (parent.deadline - now) / 2);
}

TimePoint deadline_of(const ChannelCore& core, const CallOptions& options, const CallRule& rule) {
  const TimePoint own = after(core.clock, options.timeout.value_or(rule.timeout));
  if (options.parent.deadline == TimePoint::max()) return own;
  return std::min(own, latest_for(options.parent, core.deadline_margin, core.clock.now()));
}

// What the server says about retries: nothing, a delay, or (negative, or no number) "do not".
struct Pushback {
  bool given = false;
  Duration delay{-1};
  bool forbids() const { return given && delay < Duration::zero(); }
};

Pushback pushback_of(const MetadataList& trailers) {
  for (const auto& [key, value] : trailers) {
    if (key != "grpc-retry-pushback-ms") continue;
    std::int32_t ms = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), ms);
    if (error != std::errc() || end != value.data() + value.size()) ms = -1;
    return {true, std::chrono::milliseconds(ms)};
  }
  return {};
}

// "" where it cannot be known.
std::string path_of(std::string method, const std::string& service) {
  if (method.starts_with('/')) return method;
  if (method.find('/') != std::string::npos) return "/" + method;
  return method.empty() || service.empty() ? "" : "/" + service + "/" + method;
}

Status no_method(const ChannelCore& core) {
  return {Errc::kInvalidArgument, "call " + core.target +
                                      ": a method is pkg.Service/Method, or only Method where the "
                                      "channel says of which service"};
}

bool has(const MetadataList& metadata, std::string_view key) {
  return std::any_of(metadata.begin(), metadata.end(),
                     [key](const auto& pair) { return pair.first == key; });
}

}  // namespace

CallPlan::CallPlan(const ChannelCore& core, std::string method, std::string body,
                   CallOptions options)
    : core_(core),
      path_(path_of(std::move(method), core.service)),
      body_(std::make_shared<const std::string>(std::move(body))),
      options_(std::move(options)),
      rule_(core.rules.of(path_)),
      deadline_(deadline_of(core, options_, rule_)),
      key_(options_.key.empty() ? metadata_key(rule_.key, options_.metadata)
                                : key_hash(options_.key)) {}

Status CallPlan::check() const {
  const auto refuse = [this](const Status& status) {
    return Status(status.code(), "call " + path_ + ": " + status.message());
  };
  if (path_.empty()) return no_method(core_);
  for (const auto& [key, value] : options_.metadata)
    if (const Status status = check_metadata(key, value); !status.ok()) return refuse(status);
  const CallContext& parent = options_.parent;
  const std::pair<const char*, const std::string*> carried[] = {
      {"x-request-id", &parent.request_id},
      {"traceparent", &parent.traceparent},
      {"tracestate", &parent.tracestate}};
  for (const auto& [key, value] : carried)
    if (const Status status = check_metadata(key, *value); !status.ok()) return refuse(status);
  return {};
}

Expected<std::string> full_path(const Channel& channel, const std::string& method) {
  const ChannelCore& core = *channel.core();
  std::string path = path_of(method, core.service);
  if (path.find('/', 1) == std::string::npos) return fail(no_method(core));
  return path;
}

UnaryRequest CallPlan::request(int made) const {
  UnaryRequest request{path_, body_, options_.metadata, deadline_};
  const CallContext& parent = options_.parent;
  const auto carry = [&](const char* key, const std::string& value) {
    if (!value.empty()) request.metadata.emplace_back(key, value);
  };
  for (const auto& [key, value] : core_.call_metadata)
    if (!has(options_.metadata, key)) request.metadata.emplace_back(key, value);
  carry("x-request-id", parent.request_id);
  carry("traceparent", parent.traceparent);
  carry("tracestate", parent.tracestate);
  if (parent.retry_owned || retries_here()) carry(kRetryOwner, "1");
  if (made > 0) carry("grpc-previous-rpc-attempts", std::to_string(made));
  return request;
}

bool CallPlan::is_worth_repeating(const UnaryReply& reply) const {
  if (reply.status.ok()) return false;
  return retry().covers(reply.status) || (!reply.sent && reply.status.code() == Errc::kUnavailable);
}

bool CallPlan::may_repeat(const UnaryReply& reply, int attempts, int resends) const {
  if (attempts >= retry().attempts() || pushback_of(reply.trailers).forbids()) return false;
  if (!reply.sent) return reply.status.code() == Errc::kUnavailable;
  if (options_.parent.retry_owned) return false;
  return idempotent() || resends < retry().max_resends;
}

bool CallPlan::is_repeated_at_once(const UnaryReply& reply) const {
  return !reply.sent && !pushback_of(reply.trailers).given;
}

TimePoint CallPlan::next_attempt(const UnaryReply& reply, int attempts,
                                 std::uint64_t& random) const {
  const Pushback pushback = pushback_of(reply.trailers);
  return after(core_.clock, pushback.given ? pushback.delay : retry().delay(attempts, random));
}

}  // namespace brontes
