#include <algorithm>
#include <brontes/discovery/balancing/policies.hpp>
#include <brontes/tools/scenario/reader.hpp>
#include <brontes/tools/scenario/values.hpp>
#include <utility>

namespace brontes::scenario {
namespace {

enum class CallerCut { kNothing, kPeers, kRegistry, kBoth };

Expected<bool> parse_caller_state(const std::string& text) {
  return parse_word<bool>(text, {{"calling", true}, {"quiet", false}});
}

Expected<CallerCut> parse_caller_cut(const std::string& text) {
  return parse_word<CallerCut>(text, {{"nothing", CallerCut::kNothing},
                                      {"peers", CallerCut::kPeers},
                                      {"registry", CallerCut::kRegistry},
                                      {"both", CallerCut::kBoth}});
}

void read_balancing(Reader& reader, const YAML::Node& node, const std::string& where,
                    ChannelOptions& channel) {
  BalancingOptions options;
  const auto text = [&](std::string& into) {
    return [&](const YAML::Node& value) { into = reader.fields.text(value, where); };
  };
  const auto number = [&](const std::string& written) -> Expected<double> {
    const auto range = parse_range(written, Unit::kCount);
    if (range && range->low == range->high) return range->low;
    return fail(Errc::kInvalidArgument, "a number");
  };
  reader.fields.map(
      node, where,
      {{"policy", text(options.policy)},
       field(reader, where, "decay", parse_time, [&](Duration time) { options.decay = time; }),
       field(reader, where, "choices", parse_count,
             [&](std::uint64_t count) { options.choices = count; }),
       field(reader, where, "slow_start", parse_time,
             [&](Duration time) { options.slow_start = time; }),
       field(reader, where, "ejection", parse_bool, [&](bool on) { options.ejection = on; }),
       {"key", text(options.key)},
       field(reader, where, "bounded_load", number,
             [&](double times) { options.bounded_load = times; }),
       {"prefer", text(options.prefer)},
       field(reader, where, "prefer_percent", number,
             [&](double percent) { options.prefer_percent = percent; })});
  if (const Status good = check(options); !good.ok())
    reader.fields.complain(node, where + "." + good.message());
  channel.balancing = options;
}

void read_codes(Reader& reader, const YAML::Node& node, const std::string& what,
                std::vector<Errc>& codes) {
  if (!node.IsSequence())
    return reader.fields.complain(node, what + ": a list of codes must stand here: [UNAVAILABLE]");
  codes.clear();
  for (const auto& item : node)
    if (const auto code = reader.fields.scalar(item, what, parse_code)) codes.push_back(*code);
}

void read_retry(Reader& reader, const YAML::Node& node, const std::string& where,
                RetryPolicy& retry) {
  const auto attempts = [](const std::string& text) -> Expected<std::uint64_t> {
    const auto count = parse_count(text);
    if (count && *count >= 1 && *count <= RetryPolicy::kMostAttempts) return *count;
    return fail(Errc::kInvalidArgument, "a number from 1 to 5");
  };
  reader.fields.map(
      node, where,
      {field(reader, where, "attempts", attempts,
             [&](std::uint64_t count) { retry.max_attempts = static_cast<int>(count); }),
       {"codes",
        [&](const YAML::Node& codes) { read_codes(reader, codes, where + ".codes", retry.codes); }},
       field(reader, where, "resends", parse_count,
             [&](std::uint64_t count) {
               retry.max_resends = static_cast<int>(std::min<std::uint64_t>(count, 100));
             }),
       field(reader, where, "base", parse_time, [&](Duration time) { retry.base = time; }),
       field(reader, where, "max", parse_time, [&](Duration time) { retry.max = time; })});
}

void read_breaker(Reader& reader, const YAML::Node& node, const std::string& where,
                  std::optional<BreakerOptions>& breaker) {
  BreakerOptions options = BreakerOptions::gobreaker();
  const auto preset = [](const std::string& text) {
    return parse_word<BreakerOptions>(text, {{"gobreaker", BreakerOptions::gobreaker()},
                                             {"strict", BreakerOptions::strict()},
                                             {"hystrix", BreakerOptions::hystrix()},
                                             {"sre", BreakerOptions::sre()}});
  };
  std::optional<Duration> open_for, window;
  reader.fields.map(
      node, where,
      {field(reader, where, "preset", preset, [&](const BreakerOptions& of) { options = of; }),
       field(reader, where, "open_for", parse_time, [&](Duration time) { open_for = time; }),
       field(reader, where, "window", parse_time, [&](Duration time) { window = time; })});
  options.open_for = open_for.value_or(options.open_for);
  options.window = window.value_or(options.window);
  if (const Status good = options.check(); !good.ok())
    reader.fields.complain(node, where + "." + good.message());
  breaker = options;
}

void read_caller(Reader& reader, const std::string& name, const YAML::Node& node,
                 std::vector<Act>& setup) {
  const std::string where = "callers." + name;
  CallerOptions options;
  std::uint64_t count = 0;
  reader.fields.map(
      node, where,
      {field(reader, where, "count", parse_count, [&](std::uint64_t value) { count = value; }),
       {"service",
        [&](const YAML::Node& value) { options.service = reader.fields.text(value, where); }},
       field(reader, where, "rate", parse_rate, [&](double rate) { options.rate = rate; }),
       field(reader, where, "loops", parse_count,
             [&](std::uint64_t loops) { options.loops = loops; }),
       field(reader, where, "pause", parse_time, [&](Duration time) { options.pause = time; }),
       field(reader, where, "timeout", parse_time, [&](Duration time) { options.timeout = time; }),
       field(reader, where, "idempotent", parse_bool, [&](bool is) { options.idempotent = is; }),
       field(reader, where, "keys", parse_count, [&](std::uint64_t keys) { options.keys = keys; }),
       field(reader, where, "state", parse_caller_state,
             [&](bool calls) { options.starts = calls; }),
       {"balancing",
        [&](const YAML::Node& value) {
          read_balancing(reader, value, where + ".balancing", options.channel);
        }},
       {"breaker",
        [&](const YAML::Node& value) {
          read_breaker(reader, value, where + ".breaker", options.breaker);
        }},
       {"retry", [&](const YAML::Node& value) {
          read_retry(reader, value, where + ".retry", options.channel.retry);
        }}});
  if (options.rate <= 0 && options.loops == 0 && options.starts)
    reader.fields.complain(node, where + ": a rate or loops must be there, or nobody calls");
  if (options.loops > 0 && options.pause <= Duration{})
    reader.fields.complain(node, where + ".pause: it must be above 0, or time stands still");
  if (count > 1000) reader.fields.complain(node, where + ".count: at most 1000");
  reader.callers[name] = names_of(name, std::min<std::uint64_t>(count, 1000));
  for (const std::string& each : reader.callers[name])
    setup.push_back([each, options](World& world) { world.call(each, options); });
}

void change_caller(Reader& reader, const std::string& name, const YAML::Node& node,
                   std::vector<Act>& acts) {
  const std::string where = "callers." + name;
  const auto callers = reader.find(reader.callers, name, node, where);
  const auto act = [&](std::function<void(Caller&)> what) {
    acts.push_back([callers, what = std::move(what)](World& world) {
      for (const std::string& each : callers) what(world.caller(each));
    });
  };
  reader.fields.map(
      node, where,
      {field(reader, where, "rate", parse_rate,
             [&](double rate) { act([rate](Caller& caller) { caller.set_rate(rate); }); }),
       field(reader, where, "state", parse_caller_state,
             [&](bool calls) {
               act([calls](Caller& caller) { calls ? caller.start() : caller.pause(); });
             }),
       field(reader, where, "cut", parse_caller_cut, [&](CallerCut cut) {
         act([cut](Caller& caller) {
           caller.cut(cut == CallerCut::kPeers || cut == CallerCut::kBoth,
                      cut == CallerCut::kRegistry || cut == CallerCut::kBoth);
         });
       })});
}

}  // namespace

void read_callers(Reader& reader, const YAML::Node& node, std::vector<Act>& setup) {
  reader.fields.names(node, "callers", [&](const std::string& name, const YAML::Node& value) {
    read_caller(reader, name, value, setup);
  });
}

void change_callers(Reader& reader, const YAML::Node& node, std::vector<Act>& acts) {
  reader.fields.names(node, "callers", [&](const std::string& name, const YAML::Node& value) {
    change_caller(reader, name, value, acts);
  });
}

}  // namespace brontes::scenario
