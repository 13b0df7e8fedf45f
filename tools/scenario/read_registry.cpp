#include <brontes/tools/scenario/reader.hpp>
#include <brontes/tools/scenario/values.hpp>
#include <utility>

namespace brontes::scenario {
namespace {

using TroubleChange = std::function<void(RegistryTrouble&)>;

enum class RegistryState { kUp, kDown, kSilent };
enum class ToldHow { kOnce, kTwice, kReordered };

Expected<RegistryState> parse_registry_state(const std::string& text) {
  return parse_word<RegistryState>(text, {{"up", RegistryState::kUp},
                                          {"down", RegistryState::kDown},
                                          {"silent", RegistryState::kSilent}});
}

Expected<bool> parse_leases(const std::string& text) {
  return parse_word<bool>(text, {{"running", false}, {"frozen", true}});
}

Expected<ToldHow> parse_changes(const std::string& text) {
  return parse_word<ToldHow>(
      text,
      {{"once", ToldHow::kOnce}, {"twice", ToldHow::kTwice}, {"reordered", ToldHow::kReordered}});
}

Expected<bool> parse_true(const std::string& text) {
  return parse_word<bool>(text, {{"true", true}});
}

std::vector<Field> trouble_table(Reader& reader, std::vector<TroubleChange>& changes) {
  const std::string where = "registry";
  return {
      field(reader, where, "state", parse_registry_state,
            [&](RegistryState state) {
              changes.push_back([state](RegistryTrouble& trouble) {
                trouble.down = state == RegistryState::kDown;
                trouble.silent = state == RegistryState::kSilent;
              });
            }),
      field(reader, where, "leases", parse_leases,
            [&](bool frozen) {
              changes.push_back(
                  [frozen](RegistryTrouble& trouble) { trouble.frozen_leases = frozen; });
            }),
      field(reader, where, "answer_delay", parse_time,
            [&](Duration time) {
              changes.push_back([time](RegistryTrouble& trouble) { trouble.answer_delay = time; });
            }),
      field(reader, where, "changes", parse_changes, [&](ToldHow how) {
        changes.push_back([how](RegistryTrouble& trouble) {
          trouble.twice = how == ToldHow::kTwice;
          trouble.reordered = how == ToldHow::kReordered;
        });
      })};
}

void add(std::vector<Act>& acts, const std::vector<TroubleChange>& changes) {
  if (changes.empty()) return;
  acts.push_back([changes](World& world) {
    RegistryTrouble trouble = world.registry_trouble();
    for (const TroubleChange& change : changes) change(trouble);
    world.trouble_registry(trouble);
  });
}

// "all", or a list of peers.
void read_expire(Reader& reader, const YAML::Node& node, std::vector<Act>& events) {
  std::vector<std::string> peers;
  if (node.IsSequence()) {
    for (const auto& item : node)
      for (const auto& peer : reader.find(reader.peers, reader.fields.text(item, "registry.expire"),
                                          item, "registry.expire"))
        peers.push_back(peer);
  } else {
    const auto all = [](const std::string& text) -> Expected<bool> {
      if (text == "all") return true;
      return fail(Errc::kInvalidArgument, "all, or a list of peers: [a, b]");
    };
    if (!reader.fields.scalar(node, "registry.expire", all)) return;
  }
  events.push_back([peers](World& world) { world.expire_leases(peers); });
}

}  // namespace

void read_registry(Reader& reader, const YAML::Node& node, WorldOptions& world,
                   std::vector<Act>& setup) {
  const auto ttl = [](const std::string& text) -> Expected<std::chrono::seconds> {
    const auto time = parse_time(text);
    if (time && *time >= std::chrono::seconds(2) && *time <= std::chrono::hours(24) &&
        *time % std::chrono::seconds(1) == Duration{})
      return std::chrono::duration_cast<std::chrono::seconds>(*time);
    return fail(Errc::kInvalidArgument, "whole seconds, 2s to 24h");
  };
  std::vector<TroubleChange> changes;
  auto table = trouble_table(reader, changes);
  table.push_back(
      field(reader, "registry", "ttl", ttl, [&](std::chrono::seconds time) { world.ttl = time; }));
  reader.fields.map(node, "registry", table);
  add(setup, changes);
}

void change_registry(Reader& reader, const YAML::Node& node, std::vector<Act>& acts) {
  std::vector<TroubleChange> changes;
  std::vector<Act> events;
  auto table = trouble_table(reader, changes);
  table.push_back({"expire", [&](const YAML::Node& value) { read_expire(reader, value, events); }});
  table.push_back(field(reader, "registry", "compact", parse_true, [&](bool) {
    events.push_back([](World& world) { world.compact_registry(); });
  }));
  table.push_back(field(reader, "registry", "wipe", parse_true, [&](bool) {
    events.push_back([](World& world) { world.wipe_registry(); });
  }));
  reader.fields.map(node, "registry", table);
  for (Act& event : events) acts.push_back(std::move(event));
  add(acts, changes);
}

}  // namespace brontes::scenario
