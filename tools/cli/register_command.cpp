#include <brontes/actors/system.hpp>
#include <brontes/discovery/address.hpp>
#include <brontes/discovery/discovery.hpp>
#include <brontes/tools/cli/commands.hpp>
#include <brontes/tools/cli/probe.hpp>
#include <brontes/tools/cli/tls_options.hpp>
#include <brontes/tools/cli/until_signal.hpp>
#include <semaphore>
#include <sstream>

namespace brontes::cli {
namespace {

using namespace std::chrono_literals;

constexpr Duration kStopLimit = 2s;

/// "k=v" of each `option` into a map.
template <class Map>
Status read_pairs(const Arguments& arguments, const std::string& option, Map& into) {
  for (const std::string& pair : arguments.all(option)) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      return {Errc::kInvalidArgument, option + " takes KEY=VALUE, not '" + pair + "'"};
    into[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return {};
}

/// Fills the host of ":8080". Whether it may be written is known before anything is asked.
Status complete(Instance& instance) {
  auto address = dialable_address(instance.address);
  if (!address) return address.error();
  instance.address = std::move(*address);
  Instance whole = instance;
  if (whole.instance_id.empty()) whole.instance_id = "new";
  return validate(whole);
}

struct RegisterWish {
  Instance instance;
  std::chrono::seconds ttl{};
  Probe probe = Probe::kNone;
  std::optional<ClientTls> tls{};  ///< of the probe
};

Expected<RegisterWish> read_register_wish(const Arguments& arguments) {
  const auto ttl = arguments.number("--ttl", 15, 2, 3600);
  if (!ttl) return fail(ttl.error());
  const auto weight = arguments.number("--weight", 100, 1, 65535);
  if (!weight) return fail(weight.error());
  const auto probe = parse_probe(arguments.get("--probe", "none"));
  if (!probe) return fail(probe.error());
  auto tls = read_tls(arguments);
  if (!tls) return fail(tls.error());
  if (*tls && *probe != Probe::kGrpc)
    return fail(Errc::kInvalidArgument, "TLS is how --probe grpc asks; without it leave it out");
  RegisterWish wish{{}, std::chrono::seconds(*ttl), *probe, std::move(*tls)};
  wish.instance.name = arguments.get("--name");
  if (wish.tls && wish.tls->server_name.empty()) wish.tls->server_name = wish.instance.name;
  wish.instance.version = arguments.get("--version");
  wish.instance.address = arguments.get("--address");
  wish.instance.instance_id = arguments.get("--id");
  wish.instance.weight = static_cast<std::uint32_t>(*weight);
  wish.instance.protocol = arguments.get("--protocol", wish.instance.protocol);
  if (const auto status = read_pairs(arguments, "--meta", wish.instance.metadata); !status.ok())
    return fail(status);
  if (const auto status = read_pairs(arguments, "--tag", wish.instance.tags); !status.ok())
    return fail(status);
  if (const auto status = complete(wish.instance); !status.ok()) return fail(status);
  return wish;
}

std::string hex(std::int64_t lease) {
  if (lease == 0) return {};
  std::ostringstream text;
  text << std::hex << lease;
  return text.str();
}

/// False: it was told to end before.
bool until_it_answers(System& system, const RegisterWish& wish, UntilSignal& until) {
  for (;;) {
    const Status answer =
        ask_whether_it_serves(system, wish.probe, wish.instance.address, wish.tls);
    if (answer.ok()) return true;
    complain("register: " + wish.instance.address + " does not serve yet: " + answer.message() +
             "; asked again in a second");
    if (until.wait_for(1s)) return false;
  }
}

/// Tells what becomes of the record. Called by one thread at a time.
void tell(const AnnouncementEvent& event, Output& output) {
  const Json record = Json::parse(to_json(event.instance), nullptr, false);
  const auto gap = std::chrono::duration_cast<std::chrono::milliseconds>(event.gap).count();
  const std::string cause = event.cause.to_string();
  switch (event.type) {
    case AnnouncementEvent::Type::kRegistered:
      return output.event("registered",
                          {{"instance", record}, {"key", event.key}, {"lease", hex(event.lease)}},
                          "registered " + event.key + " at " + event.instance.address + "\n");
    case AnnouncementEvent::Type::kLost:
      return output.event("lost", {{"cause", cause}},
                          "lost: " + cause + "; registering again without end\n");
    case AnnouncementEvent::Type::kReregistered:
      return output.event("reregistered", {{"instance", record}, {"gap_ms", gap}},
                          "registered again after " + std::to_string(gap) + " ms\n");
    case AnnouncementEvent::Type::kConflict:
      return output.event("conflict", {{"cause", cause}},
                          "conflict: " + cause + "; tried again after each ttl\n");
    case AnnouncementEvent::Type::kDeregistered:
      return output.event(
          "deregistered", Json::object(),
          event.cause.ok() ? "deregistered\n" : "deregistered, unconfirmed: " + cause + "\n");
  }
}

Exit run_register(const Arguments& arguments, Output& output) {
  auto wish = read_register_wish(arguments);
  if (!wish) return refuse("register", wish.error(), output);

  UntilSignal until;
  ignore_broken_pipes();  // the record outlives whoever reads what is said of it
  const auto registry = registry_options(arguments);
  if (!registry) return refuse("register", registry.error(), output);
  System system({.threads = 1});
  Discovery discovery(system, *registry);
  if (const Status status = discovery.check(); !status.ok())
    return refuse("register", status, output);
  if (arguments.get("--registry").starts_with("memory:"))
    complain("register: a memory: registry lives inside this process: nobody else sees the record");
  AnnounceOptions options;
  options.ttl = wish->ttl;
  std::counting_semaphore<> last_told(0);
  options.on_event = [&](const AnnouncementEvent& event) {
    tell(event, output);
    if (event.type == AnnouncementEvent::Type::kDeregistered) last_told.release();
  };
  if (!until_it_answers(system, *wish, until)) return kDone;
  auto announcement = discovery.announce(std::move(wish->instance), std::move(options));
  if (!announcement) return refuse("register", announcement.error(), output);
  until.wait();
  announcement->drain(kStopLimit).wait();
  const Status withdrawn = announcement->withdraw(kStopLimit).get();
  if (withdrawn.ok() && last_told.try_acquire_for(kStopLimit)) return kDone;
  complain("register: " + withdrawn.to_string() + "; the record vanishes after its ttl");
  return kNegative;
}

}  // namespace

Command register_command() {
  return {
      {.name = "register",
       .arguments = "",
       .summary = "keeps one record registered until SIGTERM or Ctrl-C, then drains and removes it",
       .options = with_common(with_tls(
           {registry_option(),
            {"--name", "N", "the service", true},
            {"--address", "H:P", "what callers dial", true},
            {"--version", "V", "its version (default: unversioned)"},
            {"--id", "I", "instance id (default: a new one)"},
            {"--weight", "W", "share of calls relative to others (default 100)"},
            {"--protocol", "P", "what it speaks (default GRPC)"},
            {"--ttl", "S", "seconds that the record outlives this process (default 15)"},
            {"--meta", "K=V", "metadata; may be repeated"},
            {"--tag", "K=V", "a tag; may be repeated"},
            {"--probe", "HOW", "none, or announce after the address answered: grpc or tcp"}}))},
      run_register};
}

}  // namespace brontes::cli
