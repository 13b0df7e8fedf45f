#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/discovery/instance.hpp>
#include <brontes/tools/cli/commands.hpp>
#include <cstdio>

namespace brontes::cli {
namespace {

const std::vector<Command>& commands() {
  static const std::vector<Command> all{list_command(),     watch_command(),    call_command(),
                                        register_command(), registry_command(), scenario_command()};
  return all;
}

std::string overview() {
  std::string text =
      "usage: brontes COMMAND [OPTION]... [ARGUMENT]...\n\n"
      "Looks at a registry, talks to what is in it, and puts records there.\n\ncommands:\n";
  for (const Command& command : commands()) {
    std::string left = "  " + command.spec.name;
    left.resize(12, ' ');
    text += left + command.spec.summary.substr(0, command.spec.summary.find('\n')) + "\n";
  }
  return text +
         "  help      this page, or that of a command: brontes help call\n\n"
         "A registry's user, password and TLS are read from the environment, as a node's settings "
         "are:\n"
         "BRONTES_REGISTRY_AUTH_USER, _AUTH_PASSWORD, _TLS_ENABLED, _TLS_CA, _TLS_CERT, "
         "_TLS_KEY\n\n"
         "exit codes: 0 done, 1 a negative answer, 2 bad usage or input, 3 not reached in time\n";
}

const Command* find(const std::string& name) {
  for (const Command& command : commands())
    if (command.spec.name == name) return &command;
  return nullptr;
}

Exit unknown(const std::string& name) {
  std::vector<std::string> names{"help"};
  for (const Command& command : commands()) names.push_back(command.spec.name);
  const std::string meant = closest(name, names);
  complain("unknown command '" + name + "'; " +
           (meant.empty() ? "see 'brontes --help'" : "did you mean '" + meant + "'?"));
  return kBadUsage;
}

// An answer that nobody got is none: a full disk must not look like success.
Exit all_written(Exit exit) {
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return exit;
  complain("standard output cannot be written: the answer is not complete");
  return std::max(exit, kNegative);
}

Exit show(const std::string& page) {
  std::fputs(page.c_str(), stdout);
  return all_written(kDone);
}

}  // namespace

Exit run(const std::vector<std::string>& words) {
  if (words.empty()) {
    std::fputs(overview().c_str(), stderr);
    return kBadUsage;
  }
  const bool asks = words[0] == "help" || words[0] == "--help" || words[0] == "-h";
  if (asks && words.size() == 1) return show(overview());
  const std::string& name = words[asks ? 1 : 0];
  const Command* command = find(name);
  if (!command) return unknown(name);
  if (asks) return show(help(command->spec));
  const auto arguments = parse_arguments(command->spec, {words.begin() + 1, words.end()});
  for (const std::string& word : words)
    if (word == "--help" || word == "-h") return show(help(command->spec));
  if (!arguments) {
    complain(name + ": " + arguments.error().message());
    return kBadUsage;
  }
  set_log_level(arguments->has("--verbose") ? LogLevel::kDebug : LogLevel::kOff);
  Output output(arguments->has("--json"));
  return all_written(command->run(*arguments, output));
}

Exit refuse(const std::string& command, const Status& why, Output& output, Exit exit) {
  output.event("error", {{"code", to_string(why.code())}, {"message", why.message()}}, "");
  complain(command + ": " + why.message());
  return exit;
}

Expected<Query> parse_query(std::string_view text) {
  Query query;
  const std::size_t slash = text.find('/');
  query.name = text.substr(0, slash);
  if (slash != std::string_view::npos) query.version = text.substr(slash + 1);
  const bool bad = query.version.find('/') != std::string::npos ||
                   (slash != std::string_view::npos && (query.version.empty() || slash == 0));
  if (bad)
    return fail(Errc::kInvalidArgument,
                "'" + std::string(text) + "' is no service: write NAME or NAME/VERSION");
  return query;
}

std::string memory_hint(std::string_view registry) {
  if (!registry.starts_with("memory:")) return "";
  return "; a memory: registry lives inside one process, and this one is new: name a registry "
         "of several, etcd://h:p, or the endpoints, static://h:p[,h:p]";
}

std::vector<Option> with_common(std::vector<Option> options) {
  options.push_back({"--json", "", "one JSON object a line"});
  options.push_back({"--verbose", "", "what happens underneath, on standard error"});
  options.push_back({"--help", "", "this page"});
  return options;
}

}  // namespace brontes::cli
