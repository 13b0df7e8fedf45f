#include <algorithm>
#include <brontes/tools/scenario/reader.hpp>
#include <brontes/tools/scenario/values.hpp>
#include <optional>
#include <utility>

namespace brontes::scenario {
namespace {

/// A number of the tally of all callers.
using Measure = std::function<double(const Tally&)>;

class ExpectReader {
 public:
  ExpectReader(Reader& reader, std::vector<Expectation>& expected)
      : reader_(reader), expected_(expected) {}

  void read(const YAML::Node& node) { reader_.fields.map(node, "expect", table()); }

 private:
  using Look = std::function<Seen(World&, TimePoint since)>;

  std::vector<Field> table() {
    std::vector<Field> all = {
        of_tally("calls", Unit::kCount, [](const Tally& t) { return double(t.calls); }),
        of_tally("ok", Unit::kCount, [](const Tally& t) { return double(t.ok); }),
        of_tally("failed", Unit::kCount, [](const Tally& t) { return double(t.failed); }),
        of_tally("attempts_per_call", Unit::kCount,
                 [](const Tally& t) { return t.attempts_per_call(); }),
        number("requests_per_call", Unit::kCount, requests_per_call),
        of_tally("p50", Unit::kTime, [](const Tally& t) { return double(t.p50.count()); }),
        of_tally("p99", Unit::kTime, [](const Tally& t) { return double(t.p99.count()); }),
        of_tally("max", Unit::kTime, [](const Tally& t) { return double(t.most.count()); }),
        number("registered", Unit::kCount,
               [](World& world, TimePoint) { return double(world.registered()); }),
        of_each_caller("endpoints",
                       [](const Caller& caller) { return double(caller.endpoints()); }),
        of_each_caller(
            "known",
            [](const Caller& caller) { return double(caller.snapshot()->instances.size()); }),
        {"breaker", [this](const YAML::Node& node) { read_breaker_state(node); }},
        {"sees", [this](const YAML::Node& node) { read_sees(node); }},
        {"errors", [this](const YAML::Node& node) { read_errors(node); }},
        of_peers("share", Unit::kShare, share),
        of_peers("received", Unit::kCount, received),
        {"not_picked_after", [this](const YAML::Node& node) { read_not_picked(node); }}};
    return all;
  }

  void add(const YAML::Node& node, const std::string& name, Look look) {
    expected_.push_back({name, node.Scalar(), line_of(node), std::move(look)});
  }

  std::optional<Range> range(const YAML::Node& node, const std::string& name, Unit unit) {
    const auto parse = [unit](const std::string& text) { return parse_range(text, unit); };
    const auto parsed = reader_.fields.scalar(node, "expect." + name, parse);
    return parsed ? std::optional(*parsed) : std::nullopt;
  }

  void add_number(const YAML::Node& node, const std::string& name, Unit unit,
                  std::function<double(World&, TimePoint)> measure) {
    const auto wanted = range(node, name, unit);
    if (!wanted) return;
    add(node, name,
        [wanted = *wanted, unit, measure = std::move(measure)](World& world, TimePoint since) {
          const double value = measure(world, since);
          return Seen{show(value, unit), wanted.holds(value)};
        });
  }

  Field number(const std::string& name, Unit unit,
               std::function<double(World&, TimePoint)> measure) {
    return {name, [this, name, unit, measure](const YAML::Node& node) {
              add_number(node, name, unit, measure);
            }};
  }

  Field of_tally(const std::string& name, Unit unit, Measure measure) {
    return number(name, unit,
                  [measure](World& world, TimePoint since) { return measure(world.tally(since)); });
  }

  // Must hold for each of them.
  Field of_each_caller(const std::string& name, std::function<double(const Caller&)> measure) {
    return {name, [this, name, measure](const YAML::Node& node) {
              const auto wanted = range(node, name, Unit::kCount);
              if (!wanted) return;
              add(node, name, [wanted = *wanted, measure](World& world, TimePoint) {
                Seen seen{"", true};
                for (const Caller* caller : world.callers()) {
                  const double value = measure(*caller);
                  seen.value += (seen.value.empty() ? "" : ", ") + show(value, Unit::kCount);
                  seen.holds = seen.holds && wanted.holds(value);
                }
                return seen;
              });
            }};
  }

  using OfPeers = double (*)(World&, TimePoint, const std::vector<std::string>&);
  static double share(World& world, TimePoint since, const std::vector<std::string>& peers) {
    const Tally tally = world.tally(since);
    double sum = 0;
    for (const std::string& peer : peers) sum += tally.share(peer);
    return sum;
  }
  static double received(World& world, TimePoint since, const std::vector<std::string>& peers) {
    std::uint64_t sum = 0;
    for (const std::string& peer : peers) sum += world.peer(peer).received(since);
    return static_cast<double>(sum);
  }

  // By the count of the servers: what calls cost all of them.
  static double requests_per_call(World& world, TimePoint since) {
    const auto calls = static_cast<double>(world.tally(since).calls);
    double sum = 0;
    for (const Peer* peer : world.peers()) sum += static_cast<double>(peer->received(since));
    return calls == 0 ? 0 : sum / calls;
  }

  Field of_peers(const std::string& name, Unit unit, OfPeers measure) {
    return {name, [this, name, unit, measure](const YAML::Node& node) {
              reader_.fields.names(
                  node, "expect." + name, [&](const std::string& peer, const YAML::Node& value) {
                    const std::string what = name + "." + peer;
                    const auto peers = reader_.find(reader_.peers, peer, value, "expect." + what);
                    add_number(value, what, unit, [measure, peers](World& world, TimePoint since) {
                      return measure(world, since, peers);
                    });
                  });
            }};
  }

  void read_errors(const YAML::Node& node) {
    reader_.fields.names(
        node, "expect.errors", [&](const std::string& name, const YAML::Node& value) {
          const auto code = parse_code(name);
          if (!code)
            return reader_.fields.complain(
                value, "expect.errors: '" + name + "' is not " + code.error().message());
          add_number(value, "errors." + name, Unit::kCount,
                     [code = *code](World& world, TimePoint since) {
                       const Tally tally = world.tally(since);
                       const auto at = tally.errors.find(code);
                       return at == tally.errors.end() ? 0 : double(at->second);
                     });
        });
  }

  void read_not_picked(const YAML::Node& node) {
    reader_.fields.names(
        node, "expect.not_picked_after", [&](const std::string& peer, const YAML::Node& value) {
          const std::string what = "not_picked_after." + peer;
          const auto peers = reader_.find(reader_.peers, peer, value, "expect." + what);
          const auto limit = reader_.fields.scalar(value, "expect." + what, parse_time);
          if (!limit) return;
          add(value, what, [peers, limit = *limit](World& world, TimePoint since) {
            const Tally tally = world.tally(since);
            Duration last{-1};
            for (const std::string& each : peers)
              if (const auto at = tally.last_attempt_to.find(each);
                  at != tally.last_attempt_to.end())
                last = std::max(last, Duration(at->second - since));
            return Seen{
                last < Duration{} ? "never picked" : "last picked after " + in_seconds(last),
                last <= limit};
          });
        });
  }

  void read_breaker_state(const YAML::Node& node) {
    const auto parse = [](const std::string& text) {
      return parse_word<BreakerState>(text, {{"closed", BreakerState::kClosed},
                                             {"half_open", BreakerState::kHalfOpen},
                                             {"open", BreakerState::kOpen},
                                             {"throttling", BreakerState::kThrottling}});
    };
    const auto wanted = reader_.fields.scalar(node, "expect.breaker", parse);
    if (!wanted) return;
    add(node, "breaker", [wanted = *wanted](World& world, TimePoint) {
      Seen seen{"", true};
      for (const Caller* caller : world.callers()) {
        seen.value += (seen.value.empty() ? "" : ", ") + std::string(to_string(caller->breaker()));
        seen.holds = seen.holds && caller->breaker() == wanted;
      }
      return seen;
    });
  }

  void read_sees(const YAML::Node& node) {
    const auto parse = [](const std::string& text) {
      return parse_word<SnapshotStatus>(text, {{"live", SnapshotStatus::kLive},
                                               {"stale", SnapshotStatus::kStale},
                                               {"pending", SnapshotStatus::kPending}});
    };
    const auto wanted = reader_.fields.scalar(node, "expect.sees", parse);
    if (!wanted) return;
    add(node, "sees", [wanted = *wanted](World& world, TimePoint) {
      Seen seen{"", true};
      for (const Caller* caller : world.callers()) {
        const auto status = caller->snapshot()->status;
        seen.value += std::string(seen.value.empty() ? "" : ", ") +
                      (status == SnapshotStatus::kLive    ? "live"
                       : status == SnapshotStatus::kStale ? "stale"
                                                          : "pending");
        seen.holds = seen.holds && status == wanted;
      }
      return seen;
    });
  }

  Reader& reader_;
  std::vector<Expectation>& expected_;
};

}  // namespace

void read_expect(Reader& reader, const YAML::Node& node, std::vector<Expectation>& expected) {
  ExpectReader(reader, expected).read(node);
}

}  // namespace brontes::scenario
