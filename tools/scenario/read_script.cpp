#include <algorithm>
#include <brontes/tools/scenario/reader.hpp>
#include <brontes/tools/scenario/values.hpp>
#include <fstream>
#include <iterator>
#include <utility>

namespace brontes::scenario {
namespace {

void read_step(Reader& reader, const YAML::Node& node, std::vector<Step>& steps) {
  Step step;
  step.line = line_of(node);
  step.since = steps.empty() ? Duration{} : steps.back().at;
  bool has_time = false;
  reader.fields.map(
      node, "steps",
      {field(reader, "steps", "at", parse_time,
             [&](Duration at) {
               step.at = at;
               has_time = true;
             }),
       field(reader, "steps", "since", parse_time, [&](Duration since) { step.since = since; }),
       {"expect", [&](const YAML::Node& value) { read_expect(reader, value, step.expected); }},
       {"registry", [&](const YAML::Node& value) { change_registry(reader, value, step.acts); }},
       {"peers", [&](const YAML::Node& value) { change_peers(reader, value, step.acts); }},
       {"callers", [&](const YAML::Node& value) { change_callers(reader, value, step.acts); }}});
  if (!has_time) reader.fields.complain(node, "steps: 'at' is missing, the time of the step");
  if (step.at > std::chrono::hours(24))
    reader.fields.complain(node, "steps.at: a scenario lasts a day at most");
  if (!steps.empty() && step.at < steps.back().at)
    reader.fields.complain(node, "steps.at: it is before the step above");
  if (step.since > step.at) reader.fields.complain(node, "steps.since: it is after the step");
  steps.push_back(std::move(step));
}

void read_steps(Reader& reader, const YAML::Node& node, std::vector<Step>& steps) {
  if (!node.IsSequence())
    return reader.fields.complain(node, "steps: a list must stand here, each begun by '- at: 5s'");
  for (const auto& item : node) read_step(reader, item, steps);
}

Expected<std::string> parse_hash(const std::string& text) {
  const bool good =
      text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (good) return text;
  return fail(Errc::kInvalidArgument, "16 hex digits, as --bless writes them");
}

// Peers and callers before the steps that name them, wherever they stand in the file.
Script read(Reader& reader, const YAML::Node& root) {
  Script script;
  YAML::Node registry, peers, callers, steps;
  const auto keep = [](YAML::Node& where) {
    return [&where](const YAML::Node& node) { where.reset(node); };
  };
  reader.fields.map(
      root, "the file",
      {{"scenario",
        [&](const YAML::Node& node) { script.title = reader.fields.text(node, "scenario"); }},
       {"seed",
        [&](const YAML::Node& node) {
          if (const auto seed = reader.fields.scalar(node, "seed", parse_count))
            script.world.seed = *seed;
        }},
       {"registry", keep(registry)},
       {"peers", keep(peers)},
       {"callers", keep(callers)},
       {"steps", keep(steps)},
       {"log_hash", [&](const YAML::Node& node) {
          if (const auto hash = reader.fields.scalar(node, "log_hash", parse_hash))
            script.log_hash = *hash;
        }}});
  if (script.title.empty())
    reader.fields.complain(root, "'scenario' is missing: a sentence that says what must hold");
  if (registry.IsDefined() && !registry.IsNull())
    read_registry(reader, registry, script.world, script.setup);
  if (peers.IsDefined() && !peers.IsNull()) read_peers(reader, peers, script.setup);
  if (callers.IsDefined() && !callers.IsNull()) read_callers(reader, callers, script.setup);
  if (steps.IsDefined() && !steps.IsNull()) read_steps(reader, steps, script.steps);
  const bool expects = std::any_of(script.steps.begin(), script.steps.end(),
                                   [](const Step& step) { return !step.expected.empty(); });
  if (!expects) reader.fields.complain(root, "steps: none of them expects anything");
  return script;
}

}  // namespace

std::vector<std::string> names_of(const std::string& name, std::uint64_t count) {
  if (count == 0) return {name};
  std::vector<std::string> names;
  for (std::uint64_t i = 1; i <= count; ++i) names.push_back(name + std::to_string(i));
  return names;
}

std::vector<std::string> Reader::find(const Groups& groups, const std::string& name,
                                      const YAML::Node& node, const std::string& what) {
  if (const auto group = groups.find(name); group != groups.end()) return group->second;
  std::vector<std::string> known;
  for (const auto& [group, members] : groups) {
    if (std::find(members.begin(), members.end(), name) != members.end()) return {name};
    known.push_back(group);
  }
  fields.complain(node, what + ": there is no '" + name + "'; there are " + list(known));
  return {};
}

Expected<Script> parse_script(const std::string& text, const std::string& path) {
  Reader reader{Fields(path), {}, {}};
  try {
    const auto documents = YAML::LoadAll(text);
    if (documents.size() != 1)
      return fail(Errc::kInvalidArgument, path + ": a scenario is one YAML document");
    Script script = read(reader, documents.front());
    if (Status status = reader.fields.status(); !status.ok()) return fail(std::move(status));
    return script;
  } catch (const YAML::Exception& error) {
    return fail(Errc::kInvalidArgument,
                path + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg);
  }
}

Expected<Script> read_script(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(Errc::kNotFound, path + ": the file cannot be read");
  return parse_script(text, path);
}

}  // namespace brontes::scenario
