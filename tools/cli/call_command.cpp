#include <algorithm>
#include <array>
#include <brontes/actors/call/metadata.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/discovery.hpp>
#include <brontes/tools/cli/commands.hpp>
#include <brontes/tools/cli/dynamic_method.hpp>
#include <brontes/tools/cli/load.hpp>
#include <brontes/tools/cli/tls_options.hpp>

namespace brontes::cli {
namespace {

using namespace std::chrono_literals;

// What was asked for, checked.
struct CallWish {
  Query query;
  std::string method, json;
  LoadOptions load;
  CallOptions options;
  ChannelOptions channel;
};

Exit exit_for(const Status& status) {
  switch (status.code()) {
    case Errc::kInvalidArgument:
      return kBadUsage;
    case Errc::kUnavailable:
    case Errc::kDeadlineExceeded:
      return kUnreachable;
    default:
      return kNegative;
  }
}

// "Name: text" as curl writes it, or "name:text".
Status add_header(const std::string& text, MetadataList& metadata) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string::npos)
    return {Errc::kInvalidArgument, "'" + text + "' is no header: write key:value"};
  std::string key = text.substr(0, colon);
  std::transform(key.begin(), key.end(), key.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const std::size_t at = text.find_first_not_of(' ', colon + 1);
  const std::string value = at == std::string::npos ? "" : text.substr(at);
  if (const Status status = check_metadata(key, value); !status.ok())
    return {status.code(), "--header " + status.message()};
  metadata.emplace_back(key, value);
  return {};
}

Expected<CallWish> read_call_wish(const Arguments& arguments) {
  const auto query = parse_query(arguments.positional()[0]);
  if (!query) return fail(query.error());
  const auto method = parse_method(arguments.positional()[1]);
  if (!method) return fail(method.error());
  const auto count = arguments.number("-n", 1, 1, 1'000'000'000);
  if (!count) return fail(count.error());
  const auto parallel = arguments.number("-c", 1, 1, 10'000);
  if (!parallel) return fail(parallel.error());
  const auto deadline = arguments.duration("--deadline", 5s, 1ms, 1h);
  if (!deadline) return fail(deadline.error());

  CallWish wish{*query, arguments.positional()[1], "{}", {*count, *parallel}, {}, {}};
  if (arguments.positional().size() > 2) wish.json = arguments.positional()[2];
  if (!Json::accept(wish.json))
    return fail(Errc::kInvalidArgument, "the request '" + wish.json + "' is no JSON");
  wish.options.timeout = *deadline;
  for (const std::string& header : arguments.all("--header"))
    if (const Status status = add_header(header, wish.options.metadata); !status.ok())
      return fail(status);
  BalancingOptions balancing;
  balancing.policy = arguments.get("--policy", balancing.policy);
  if (const Status status = check(balancing); !status.ok())
    return fail(status.code(), "--" + status.message());
  wish.channel.balancing = balancing;
  auto tls = read_tls(arguments);
  if (!tls) return fail(tls.error());
  wish.channel.tls = std::move(*tls);
  return wish;
}

Exit call_once(const Channel& channel, const DynamicMethod& method, const std::string& request,
               const CallWish& wish, Output& output) {
  const auto call = call_bytes(channel, method.path(), request, wish.options);
  auto reply = call.wait();
  if (reply) reply = method.reply(*reply);
  if (reply) {
    output.event("reply", {{"message", Json::parse(*reply, nullptr, false)}}, *reply + "\n");
    return kDone;
  }
  const Status& status = reply.error();
  output.event("error", {{"code", to_string(status.code())}, {"message", status.message()}},
               status.to_string() + "\n");
  const bool reached = !call.facts().address.empty();
  return reached ? kNegative : std::max(exit_for(status), kNegative);
}

std::string us(const Latencies& latencies, double part) {
  return std::to_string(latencies.percentile(part).count() / 1000) + " us";
}

using Row = std::array<std::string, 6>;

// Numbers stand below each other by their ends.
std::string aligned(const std::vector<Row>& rows) {
  std::array<std::size_t, 6> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Row& row : rows) {
    text += "  " + row[0] + std::string(widths[0] - row[0].size(), ' ');
    for (std::size_t i = 1; i < row.size(); ++i)
      text += std::string(widths[i] + 2 - row[i].size(), ' ') + row[i];
    text += "\n";
  }
  return text;
}

std::string to_text(const LoadSummary& summary) {
  std::string text = std::to_string(summary.ok) + " ok";
  for (const auto& [code, count] : summary.errors)
    text += ", " + std::to_string(count) + " " + code;
  text += "; p50 " + us(summary.latencies, 0.5) + ", p99 " + us(summary.latencies, 0.99) +
          ", max " + us(summary.latencies, 1) + "\n";
  if (summary.not_made > 0)
    text += "stopped, " + std::to_string(summary.not_made) +
            " calls not made: no instance could be reached until a call's deadline\n";
  if (summary.instances.empty()) return text;
  std::vector<Row> rows{{"INSTANCE", "CALLS", "SHARE", "ERRORS", "P50", "P99"}};
  const auto all =
      std::max<std::int64_t>(static_cast<std::int64_t>(summary.latencies.ascending.size()), 1);
  for (const auto& [address, load] : summary.instances) {
    const std::int64_t tenths = (load.calls * 1000 + all / 2) / all;
    rows.push_back({address, std::to_string(load.calls),
                    std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %",
                    std::to_string(load.errors), us(load.latencies, 0.5),
                    us(load.latencies, 0.99)});
  }
  return text + aligned(rows);
}

Json summary_fields(const LoadSummary& summary) {
  const auto us = [](const Latencies& latencies, double part) {
    return latencies.percentile(part).count() / 1000;
  };
  Json share = Json::object(), instances = Json::object();
  for (const auto& [address, load] : summary.instances) {
    share[address] = load.calls;
    instances[address] = {{"calls", load.calls},
                          {"errors", load.errors},
                          {"p50_us", us(load.latencies, 0.5)},
                          {"p99_us", us(load.latencies, 0.99)}};
  }
  return {{"ok", summary.ok},
          {"errors", summary.errors.empty() ? Json::object() : Json(summary.errors)},
          {"p50_us", us(summary.latencies, 0.5)},
          {"p99_us", us(summary.latencies, 0.99)},
          {"max_us", us(summary.latencies, 1)},
          {"not_made", summary.not_made},
          {"share", std::move(share)},
          {"instances", std::move(instances)}};
}

Exit call_many(const Channel& channel, const DynamicMethod& method, const std::string& request,
               const CallWish& wish, Output& output) {
  const LoadSummary summary = run_load(
      wish.load, [&] { return start_unary_call(channel, method.path(), request, wish.options); });
  output.event("summary", summary_fields(summary), to_text(summary));
  if (summary.not_made > 0) return kUnreachable;
  return summary.errors.empty() ? kDone : kNegative;
}

// No instance is a negative answer; no answer, or none that can be connected to, is unreachable.
Expected<Channel> connect(Discovery& discovery, const CallWish& wish) {
  const auto known = discovery.list(wish.query, *wish.options.timeout);
  if (!known) return fail(known.error());
  const std::string name = wish.query.to_string();
  if ((*known)->instances.empty())
    return fail(Errc::kNotFound,
                "nothing is registered as " + name + memory_hint(discovery.options().registry));
  auto channel = Channel::open(discovery, "discovery:///" + name, wish.channel);
  if (!channel) return channel;
  if (const Status status = channel->wait_ready(*wish.options.timeout); !status.ok()) {
    const std::string& why = status.message();  // its advice is for programmers
    return fail(Status(Errc::kUnavailable, "none of the instances of " + name +
                                               " can be connected to in time: " +
                                               why.substr(0, why.find("; call wait_ready()")) +
                                               tls_hint(wish.channel.tls, wish.query.name)));
  }
  return channel;
}

Exit call(const Arguments& arguments, Output& output) {
  const auto wish = read_call_wish(arguments);
  if (!wish) return refuse("call", wish.error(), output, kBadUsage);
  const auto registry = registry_options(arguments);
  if (!registry) return refuse("call", registry.error(), output);
  System system;
  Discovery discovery(system, *registry);
  if (const Status status = discovery.check(); !status.ok())
    return refuse("call", status, output, kBadUsage);
  const auto channel = connect(discovery, *wish);
  if (!channel) return refuse("call", channel.error(), output, exit_for(channel.error()));
  const auto name = parse_method(wish->method);
  const auto files = describe(channel->stub_channel(), name->service, *wish->options.timeout);
  if (!files) return refuse("call", files.error(), output, exit_for(files.error()));
  const auto method = DynamicMethod::find(*files, wish->method);
  if (!method) return refuse("call", method.error(), output, exit_for(method.error()));
  const auto request = method->request(wish->json);
  if (!request) return refuse("call", request.error(), output, exit_for(request.error()));
  return arguments.has("-n") ? call_many(*channel, *method, *request, *wish, output)
                             : call_once(*channel, *method, *request, *wish, output);
}

}  // namespace

Command call_command() {
  return {
      {.name = "call",
       .arguments = "NAME[/VERSION] pkg.Service/Method [JSON]",
       .summary = "calls a unary method of a registered service\n\n"
                  "The server's reflection says what the method takes; JSON is {} if not given.",
       .min_arguments = 2,
       .max_arguments = 3,
       .options = with_common(with_tls(
           {registry_option(),
            {"-n", "COUNT", "so many calls, and a summary"},
            {"-c", "PARALLEL", "so many of them at a time (default 1)"},
            {"--policy", "P", "who is called (default peak_ewma); docs/balancing.md has the list"},
            {"--header", "K:V", "sent with each call; repeatable"},
            {"--deadline", "TIME",
             "for each call, 3s or 500ms; a bare number is ms (default 5s)"}}))},
      call};
}

}  // namespace brontes::cli
