#include <brontes/actors/log.hpp>
#include <brontes/discovery/address.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/runtime/detail/registration.hpp>
#include <brontes/runtime/grpc/detail/tls_to_self.hpp>
#include <utility>

namespace brontes::detail {
namespace {

constexpr const char* kRegistrationLogger = "runtime.registration";
constexpr const char* kHealthCheck = "/grpc.health.v1.Health/Check";
/// HealthCheckResponse{status: SERVING}, serialised.
constexpr std::string_view kServingBytes = "\x08\x01";

Expected<std::string> advertised(const Settings& settings, std::uint16_t port) {
  Address address = settings.advertise.value_or(Address{settings.listen.host, 0});
  if (address.port == 0) address.port = port;
  return dialable_address(address.to_string());
}

const char* word(AnnouncementEvent::Type type) {
  switch (type) {
    case AnnouncementEvent::Type::kRegistered:
      return "registered";
    case AnnouncementEvent::Type::kLost:
      return "record lost";
    case AnnouncementEvent::Type::kReregistered:
      return "registered again";
    case AnnouncementEvent::Type::kConflict:
      return "record held by a newer process";
    case AnnouncementEvent::Type::kDeregistered:
      return "deregistered";
  }
  return "";
}

void tell_log(const AnnouncementEvent& event, bool was_registered) {
  using Type = AnnouncementEvent::Type;
  const bool bad = event.type == Type::kLost || event.type == Type::kConflict;
  const bool never = event.type == Type::kDeregistered && !was_registered;
  log(bad ? LogLevel::kWarn : LogLevel::kInfo, kRegistrationLogger, "{} key={} address={}{}",
      never ? "withdrawn before it was registered" : word(event.type), event.key,
      event.instance.address, event.cause.ok() ? "" : " cause=\"" + event.cause.to_string() + "\"");
}

Status judge(const Expected<std::string>& reply, const std::string& address) {
  if (!reply)
    return {reply.error().code(), "ask the advertised address " + address + " for its health: " +
                                      reply.error().message() + "; not announced"};
  if (*reply != kServingBytes)
    return {Errc::kFailedPrecondition,
            "whoever answers at " + address + " says that it does not serve; not announced"};
  return {};
}

Instance record_of(const Settings& settings, const std::string& address) {
  Instance instance;
  instance.name = settings.name;
  instance.version = settings.version;
  instance.address = address;
  instance.weight = static_cast<std::uint32_t>(settings.weight);
  instance.tags = settings.tags;
  for (const auto& [key, value] : settings.metadata) instance.metadata[key] = value;
  return instance;
}

}  // namespace

Status check_record(const Settings& settings) {
  if (settings.name.empty()) return {};
  Instance instance = record_of(settings, "127.0.0.1:1");  // the real one is known after the bind
  instance.instance_id = "unknown";
  return validate(instance);
}

void RunningProbe::hold(ClientCall<std::string> call) {
  const std::lock_guard lock(mutex_);
  call_ = std::move(call);
}

std::optional<ClientCall<std::string>> RunningProbe::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(call_, std::nullopt);
}

Registration::Registration(Discovery& discovery, const Settings& settings, std::uint16_t port)
    : discovery_(discovery), settings_(settings), address_(advertised(settings, port)) {}

void Registration::probe(PhaseEnd end) {
  if (!address_) return end(address_.error());
  ChannelOptions how;
  if (!settings_.tls.cert.empty()) {
    auto transport =
        transport_to_self(discovery_.system().clock(), {settings_.tls.cert, settings_.tls.key, ""});
    if (!transport) return end(transport.error());
    how.transport = std::move(*transport);
    // Callers ask for the certificate of the host that they dial; so does this one.
    how.authority = parse_address(*address_)->host;
  }
  auto channel = Channel::open(discovery_.system(), "static://" + *address_, std::move(how));
  if (!channel) return end(channel.error());
  CallOptions options;
  options.timeout = settings_.probe.timeout;
  options.idempotent = true;
  const auto call = call_bytes(*channel, kHealthCheck, "", std::move(options));
  probe_->hold(call);
  call.then([](const auto& job) { job(); },
            [end = std::move(end), address = *address_, channel = *channel,
             probe = probe_](const Expected<std::string>& reply) {
              probe->take();
              end(judge(reply, address));
            });
}

void Registration::announce(PhaseEnd end) {
  if (settings_.name.empty()) return end({});
  if (!address_) return end(address_.error());
  AnnounceOptions options;
  options.ttl = std::chrono::ceil<std::chrono::seconds>(settings_.ttl);
  options.on_event = [end,
                      registered = std::make_shared<bool>(false)](const AnnouncementEvent& event) {
    if (event.type == AnnouncementEvent::Type::kRegistered) *registered = true;
    tell_log(event, *registered);
    if (event.type == AnnouncementEvent::Type::kRegistered) end({});
  };
  auto announcement = discovery_.announce(record_of(settings_, *address_), std::move(options));
  // static: registries hold what they were given: serving is all that can be done there.
  if (!announcement && announcement.error().code() == Errc::kUnimplemented) {
    log_warn(kRegistrationLogger, "not announced, serving all the same cause=\"{}\"",
             announcement.error().message());
    return end({});
  }
  if (!announcement) return end(announcement.error());
  const std::lock_guard lock(mutex_);
  announcement_ = std::move(*announcement);
}

void Registration::drain(Duration limit, PhaseEnd end) {
  const std::lock_guard lock(mutex_);
  if (!announcement_) return end({});
  announcement_->drain(limit, std::move(end));
}

void Registration::withdraw(Duration limit, PhaseEnd end) {
  if (const auto probe = probe_->take()) probe->cancel();  // calls who waits for it
  const std::lock_guard lock(mutex_);
  if (!announcement_) return end({});
  announcement_->withdraw(limit, std::move(end));
}

void Registration::abandon() {
  const std::lock_guard lock(mutex_);
  if (announcement_) announcement_->abandon();
}

}  // namespace brontes::detail
