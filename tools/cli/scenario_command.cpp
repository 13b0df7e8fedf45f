#include <brontes/tools/cli/commands.hpp>
#include <brontes/tools/scenario/script.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace brontes::cli {
namespace {

using scenario::Outcome;
using scenario::Script;
using scenario::StepOutcome;

constexpr std::int64_t kMostRuns = 100'000;

void tell_step(const StepOutcome& played, Output& output) {
  Json expected = Json::object(), seen = Json::object();
  std::string text;
  for (std::size_t i = 0; i < played.seen.size(); ++i) {
    const auto& each = played.step->expected[i];
    const auto& found = played.seen[i];
    expected[each.name] = each.wanted;
    seen[each.name] = found.value;
    text += std::string(found.holds ? "  ok      " : "  FAILED  ") + in_seconds(played.step->at) +
            "  line " + std::to_string(each.line) + "  " + each.name + ": expected " + each.wanted +
            ", seen " + found.value + "\n";
  }
  output.event("step",
               {{"virtual_ms", played.step->at / std::chrono::milliseconds(1)},
                {"line", played.step->line},
                {"expected", std::move(expected)},
                {"seen", std::move(seen)},
                {"passed", played.passed()}},
               text);
}

// Why a run did not pass although its steps did; "": it did.
std::string verdict(const Script& script, std::uint64_t seed, const Outcome& outcome) {
  if (!outcome.troubles.empty()) return outcome.troubles.front();
  const bool comparable = !script.log_hash.empty() && seed == script.world.seed;
  if (comparable && outcome.log_hash != script.log_hash)
    return "the file has log_hash " + script.log_hash +
           ": other things happened; if they are right, say so by --bless";
  return "";
}

// Puts the hash where the old one stands, or at the end. The rest of the file stays as it is.
Status bless(const std::string& path, const std::string& hash) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::string line = "log_hash: " + hash;
  std::size_t at = text.starts_with("log_hash:") ? 0 : text.find("\nlog_hash:");
  if (at == std::string::npos) {
    if (!text.empty() && text.back() != '\n') text += '\n';
    text += line + "\n";
  } else {
    if (at > 0) ++at;
    text.replace(at, std::min(text.find('\n', at), text.size()) - at, line);
  }
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  return out ? Status() : Status(Errc::kUnavailable, path + ": cannot be written");
}

void tell_result(const Script& script, const std::string& path, std::uint64_t seed, bool passed,
                 const Outcome& outcome, const std::string& why, Output& output) {
  Json fields{{"passed", passed},
              {"log_hash", outcome.log_hash},
              {"file", path},
              {"scenario", script.title},
              {"seed", seed}};
  if (!why.empty()) fields["cause"] = why;
  output.event("result", fields,
               std::string(passed ? "passed" : "FAILED") + "  " + path + ": " + script.title +
                   "  (seed " + std::to_string(seed) + ", log_hash " + outcome.log_hash + ")\n" +
                   (why.empty() ? "" : "  " + why + "\n"));
}

struct ScenarioWish {
  std::int64_t runs = 1;
  std::int64_t seed = -1;  // the file's
  bool log = false, bless = false;
};

Exit run_file(const std::string& path, const ScenarioWish& wish, Output& output) {
  const auto script = scenario::read_script(path);
  if (!script) return refuse("scenario", script.error(), output);
  const auto seed = wish.seed < 0 ? script->world.seed : static_cast<std::uint64_t>(wish.seed);
  const Outcome first = play(*script, seed);
  if (wish.log)
    for (const std::string& line : first.log) output.event("log", {{"line", line}}, line + "\n");
  for (const StepOutcome& step : first.steps) tell_step(step, output);
  std::string why = wish.bless ? "" : verdict(*script, seed, first);
  for (std::int64_t run = 2; run <= wish.runs && why.empty(); ++run)
    if (const Outcome again = play(*script, seed); again.log_hash != first.log_hash)
      why = "run " + std::to_string(run) + " has log_hash " + again.log_hash +
            ": the scenario is not the same each time";
  const bool passed = first.passed() && why.empty();
  if (passed && wish.bless) {
    if (const Status done = bless(path, first.log_hash); !done.ok())
      return refuse("scenario", done, output);
  }
  tell_result(*script, path, seed, passed, first, why, output);
  return passed ? kDone : kNegative;
}

Exit scenario_run(const Arguments& arguments, Output& output) {
  const auto& words = arguments.positional();
  if (words.front() != "run")
    return refuse("scenario", {Errc::kInvalidArgument, "'" + words.front() + "' is not run"},
                  output);
  const auto runs = arguments.number("--runs", 1, 1, kMostRuns);
  if (!runs) return refuse("scenario", runs.error(), output);
  const auto seed = arguments.number("--seed", -1, 0, INT64_MAX);
  if (!seed) return refuse("scenario", seed.error(), output);
  const ScenarioWish wish{*runs, *seed, arguments.has("--log"), arguments.has("--bless")};
  if (wish.bless && wish.seed >= 0)
    return refuse("scenario",
                  {Errc::kInvalidArgument, "--bless writes what the file's own seed gives"},
                  output);
  Exit worst = kDone;
  for (std::size_t i = 1; i < words.size(); ++i)
    worst = std::max(worst, run_file(words[i], wish, output));
  return worst;
}

}  // namespace

Command scenario_command() {
  return {{.name = "scenario",
           .arguments = "run FILE.yaml...",
           .summary = "plays scripted faults in virtual time; exit 1 when an expectation fails\n"
                      "Registry, servers and clients in one process: docs/scenarios.md.",
           .min_arguments = 2,
           .max_arguments = 1000,
           .options = with_common(
               {{"--seed", "N", "instead of the file's; its log_hash is not compared then"},
                {"--runs", "N", "plays it N times: the log must be the same each time (default 1)"},
                {"--log", "", "what happened, line by line"},
                {"--bless", "", "writes the log_hash into the file, if its expectations hold"}})},
          scenario_run};
}

}  // namespace brontes::cli
