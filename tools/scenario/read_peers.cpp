#include <algorithm>
#include <brontes/tools/scenario/reader.hpp>
#include <brontes/tools/scenario/values.hpp>
#include <memory>
#include <utility>

namespace brontes::scenario {
namespace {

using PeerChange = std::function<void(PeerBehaviour&)>;
enum class PeerCut { kNothing, kCallers, kRegistry, kBoth };

Expected<PeerState> parse_peer_state(const std::string& text) {
  return parse_word<PeerState>(text, {{"running", PeerState::kRunning},
                                      {"paused", PeerState::kPaused},
                                      {"leaving", PeerState::kLeaving},
                                      {"crashed", PeerState::kCrashed}});
}

Expected<bool> parse_first_state(const std::string& text) {
  return parse_word<bool>(text, {{"running", true}, {"absent", false}});
}

Expected<PeerCut> parse_peer_cut(const std::string& text) {
  return parse_word<PeerCut>(text, {{"nothing", PeerCut::kNothing},
                                    {"callers", PeerCut::kCallers},
                                    {"registry", PeerCut::kRegistry},
                                    {"both", PeerCut::kBoth}});
}

// "10ms", "5..15ms" or the points of a distribution.
void read_latency(Reader& reader, const YAML::Node& node, const std::string& what,
                  std::vector<PeerChange>& changes) {
  Latency latency;
  if (!node.IsMap()) {
    if (const auto parsed = reader.fields.scalar(node, what, parse_latency)) latency = *parsed;
  } else {
    Duration p50{}, p99{};
    reader.fields.map(node, what,
                      {field(reader, what, "p50", parse_time, [&](Duration time) { p50 = time; }),
                       field(reader, what, "p99", parse_time, [&](Duration time) { p99 = time; })});
    if (p50 <= Duration{} || p99 < p50 || p99 > std::chrono::hours(1))
      reader.fields.complain(node, what + ": p50 and p99 must be there, the second not below");
    latency = {p50 / 2, p50, p99, p99};
  }
  changes.push_back([latency](PeerBehaviour& peer) { peer.latency = latency; });
}

// What may be told of a peer at any time.
std::vector<Field> behaviour_table(Reader& reader, const std::string& where,
                                   std::vector<PeerChange>& changes) {
  const auto change = [&changes](auto member) {
    return [&changes, member](const auto& value) {
      changes.push_back([member, value](PeerBehaviour& peer) { peer.*member = value; });
    };
  };
  const auto size = [&changes](std::size_t PeerBehaviour::*member) {
    return [&changes, member](std::uint64_t value) {
      changes.push_back([member, value](PeerBehaviour& peer) { peer.*member = value; });
    };
  };
  return {{"latency",
           [&reader, where, &changes](const YAML::Node& node) {
             read_latency(reader, node, where + ".latency", changes);
           }},
          field(reader, where, "errors", parse_share, change(&PeerBehaviour::errors)),
          field(reader, where, "code", parse_code, change(&PeerBehaviour::code)),
          field(reader, where, "hangs", parse_share, change(&PeerBehaviour::hangs)),
          field(reader, where, "workers", parse_count, size(&PeerBehaviour::workers)),
          field(reader, where, "queue", parse_count, size(&PeerBehaviour::queue)),
          field(reader, where, "pushback", parse_time, change(&PeerBehaviour::pushback)),
          field(reader, where, "cpu", parse_share, change(&PeerBehaviour::cpu))};
}

std::vector<Field> with(std::vector<Field> fields, const std::vector<Field>& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

void read_tags(Reader& reader, const YAML::Node& node, const std::string& what,
               std::map<std::string, std::string>& tags) {
  reader.fields.names(node, what, [&](const std::string& key, const YAML::Node& value) {
    tags[key] = reader.fields.text(value, what + "." + key);
  });
}

void read_peer(Reader& reader, const std::string& name, const YAML::Node& node,
               std::vector<Act>& setup) {
  const std::string where = "peers." + name;
  PeerOptions options;
  std::uint64_t count = 0;
  std::vector<PeerChange> changes;
  const auto text = [&](std::string& into) {
    return [&](const YAML::Node& value) { into = reader.fields.text(value, where); };
  };
  const auto weight = [&](std::uint64_t value) {
    options.weight = static_cast<std::uint32_t>(value);
  };
  const std::vector<Field> own = {
      field(reader, where, "count", parse_count, [&](std::uint64_t value) { count = value; }),
      {"service", text(options.service)},
      {"version", text(options.version)},
      field(reader, where, "weight", parse_count, weight),
      {"tags",
       [&](const YAML::Node& tags) { read_tags(reader, tags, where + ".tags", options.tags); }},
      field(reader, where, "state", parse_first_state, [&](bool runs) { options.starts = runs; })};
  reader.fields.map(node, where, with(own, behaviour_table(reader, where, changes)));
  for (const PeerChange& change : changes) change(options.behaviour);
  if (Status named = check_name(name); !named.ok())
    reader.fields.complain(node, where + ": " + named.message());
  if (count > 1000) reader.fields.complain(node, where + ".count: at most 1000");
  reader.peers[name] = names_of(name, std::min<std::uint64_t>(count, 1000));
  for (const std::string& each : reader.peers[name])
    setup.push_back([each, options](World& world) { world.serve(each, options); });
}

void enter(Peer& peer, PeerState state) {
  switch (state) {
    case PeerState::kRunning:
      return peer.start();
    case PeerState::kPaused:
      return peer.pause();
    case PeerState::kLeaving:
      return peer.leave();
    case PeerState::kCrashed:
      return peer.crash();
    case PeerState::kAbsent:
      return;
  }
}

void change_peer(Reader& reader, const std::string& name, const YAML::Node& node,
                 std::vector<Act>& acts) {
  const std::string where = "peers." + name;
  const auto peers = reader.find(reader.peers, name, node, where);
  const auto act = [&](std::function<void(Peer&)> what) {
    acts.push_back([peers, what = std::move(what)](World& world) {
      for (const std::string& each : peers) what(world.peer(each));
    });
  };
  std::vector<PeerChange> changes;
  std::vector<std::function<void(Peer&)>> others;
  const std::vector<Field> own = {
      field(
          reader, where, "state", parse_peer_state,
          [&](PeerState state) { others.push_back([state](Peer& peer) { enter(peer, state); }); }),
      field(reader, where, "cut", parse_peer_cut,
            [&](PeerCut cut) {
              others.push_back([cut](Peer& peer) {
                peer.cut(cut == PeerCut::kCallers || cut == PeerCut::kBoth,
                         cut == PeerCut::kRegistry || cut == PeerCut::kBoth);
              });
            }),
      field(reader, where, "weight", parse_count, [&](std::uint64_t weight) {
        others.push_back(
            [weight](Peer& peer) { peer.reweigh(static_cast<std::uint32_t>(weight)); });
      })};
  reader.fields.map(node, where, with(own, behaviour_table(reader, where, changes)));
  if (!changes.empty())
    act([changes](Peer& peer) {
      PeerBehaviour behaviour = peer.behaviour();
      for (const PeerChange& change : changes) change(behaviour);
      peer.become(behaviour);
    });
  for (auto& other : others) act(std::move(other));
}

}  // namespace

void read_peers(Reader& reader, const YAML::Node& node, std::vector<Act>& setup) {
  reader.fields.names(node, "peers", [&](const std::string& name, const YAML::Node& value) {
    read_peer(reader, name, value, setup);
  });
}

void change_peers(Reader& reader, const YAML::Node& node, std::vector<Act>& acts) {
  reader.fields.names(node, "peers", [&](const std::string& name, const YAML::Node& value) {
    change_peer(reader, name, value, acts);
  });
}

}  // namespace brontes::scenario
