#include <unistd.h>
#include <algorithm>
#include <brontes/runtime/detail/channel_settings.hpp>
#include <brontes/runtime/detail/setting_sources.hpp>
#include <brontes/runtime/settings.hpp>
#include <cerrno>
#include <iostream>
#include <sstream>

namespace brontes {
namespace {

using detail::Assignment;
using detail::Mistakes;

std::string plain(const std::string& key) {
  return key.ends_with(".*") ? key.substr(0, key.size() - 2) : key;
}

/// Why nothing has that key, with what may have been meant.
std::string unknown(const std::string& key, const std::vector<Setting>& rows) {
  std::vector<std::string> keys;
  for (const auto& row : rows) {
    const std::string name = plain(row.key);
    if (name.starts_with(key + ".") || (name == key && row.key != key))
      return name == key ? "is a map; set its entries, such as " + key + ".NAME"
                         : "is a section, not a value; see --help";
    if (key.starts_with(name + "."))
      return "'" + name + "' is a value (" + row.type + "), not a section";
    keys.push_back(name);
  }
  return "no such setting" + detail::suggestion(key, keys);
}

bool is_section(const std::string& key, const std::vector<Setting>& rows) {
  return std::any_of(rows.begin(), rows.end(),
                     [&](const Setting& row) { return row.key.starts_with(key + "."); });
}

/// Refuses a list where one value is wanted; else the row parses it.
Status take(const Setting& row, const std::string& entry, const Assignment& given) {
  if (given.list && !row.is_list) {
    const std::string wanted = entry.empty() ? row.type.substr(0, row.type.find(',')) : "text";
    return {Errc::kInvalidArgument, "a list, but " + wanted + " is wanted"};
  }
  // "tags.*" is two keys deep.
  const auto deepest = 1 + std::count(row.key.begin(), row.key.end(), '.');
  if (given.depth > deepest && row.type == "map to text")
    return {Errc::kInvalidArgument,
            "a mapping inside of a mapping, but text is wanted; a name with "
            "dots is written in quotes"};
  return row.assign(entry, given.value);
}

void apply(std::vector<Setting>& rows, const std::vector<Assignment>& assignments,
           Mistakes& mistakes) {
  for (const auto& assignment : assignments) {
    const auto& [key, value, origin, null, list, depth] = assignment;
    std::string entry;
    Setting* row = detail::find_row(rows, key, entry);
    if (row == nullptr && null && is_section(key, rows)) continue;  // all of it commented out
    if (row == nullptr) {
      mistakes.push_back(origin + ": " + key + ": " + unknown(key, rows));
    } else if (null) {
      mistakes.push_back(origin + ": " + key +
                         ": has no value; leave the line out, or write \"\" for empty text");
    } else if (const Status status = take(*row, entry, assignment); !status.ok()) {
      mistakes.push_back(origin + ": " + key + ": " + status.message());
    } else {
      if (row->note_origin) row->note_origin(entry, origin);
      const bool beside = !entry.empty() && row->origin != "default";
      row->origin = beside ? row->origin + ", " + origin : origin;
    }
  }
}

/// Names keys, and who set them if that is known.
class Origins {
 public:
  explicit Origins(const std::vector<Setting>& rows) {
    for (const auto& row : rows)
      if (row.origin != "default") origins_[row.key] = row.origin;
  }
  Origins() = default;

  bool has(const std::string& key) const { return origins_.contains(key); }
  /// "app.yaml:3: tls.cert", as lines about one key begin
  std::string before(const std::string& key) const {
    return has(key) ? origins_.at(key) + ": " + key : key;
  }
  /// "tls.cert (app.yaml:3)"
  std::string after(const std::string& key) const {
    return has(key) ? key + " (" + origins_.at(key) + ")" : key;
  }

 private:
  std::map<std::string, std::string> origins_;
};

void add_registry_contradictions(const RegistryAccess& access, const Origins& origins,
                                 Mistakes& mistakes) {
  if (!access.user.empty() && access.password.empty())
    mistakes.push_back(origins.before("registry_auth.user") +
                       ": is set, but registry_auth.password is not; set both or none");
  if (access.cert.empty() != access.key.empty())
    mistakes.push_back(
        origins.before(access.key.empty() ? "registry_tls.cert" : "registry_tls.key") +
        ": is set, but " + (access.key.empty() ? "registry_tls.key" : "registry_tls.cert") +
        " is not; set both or none");
  const auto alone = [&](const char* key, const std::string& value) {
    if (!access.tls && !value.empty())
      mistakes.push_back(origins.before(key) + ": means nothing without registry_tls.enabled");
  };
  alone("registry_tls.ca", access.ca);
  alone("registry_tls.cert", access.cert);
}

/// What no row can see alone.
void add_port_contradictions(const Settings& settings, const Origins& origins, Mistakes& mistakes) {
  const bool two_ports = settings.mode == Mode::kTwoPorts;
  const auto differ = [&](const char* one, const Address& a, const char* other, const Address& b,
                          const char* hint) {
    if (a.port == 0 || a != b) return;
    const bool other_moved = origins.has(other) || !origins.has(one);
    mistakes.push_back(origins.before(other_moved ? other : one) + ": is the same as " +
                       origins.after(other_moved ? one : other) + hint);
  };
  if (two_ports)
    differ("listen", settings.listen, "http_listen", settings.http_listen,
           "; mode shared serves both on one port");
  if (!settings.admin.enabled) return;
  differ("listen", settings.listen, "admin.listen", settings.admin.listen,
         "; the admin pages need a port of their own");
  if (two_ports)
    differ("http_listen", settings.http_listen, "admin.listen", settings.admin.listen,
           "; the admin pages need a port of their own");
}

Mistakes contradictions(const Settings& settings, const Origins& origins = {}) {
  Mistakes mistakes;
  const auto& [cert, key, client_ca] = settings.tls;
  if (cert.empty() != key.empty())
    mistakes.push_back(origins.before(key.empty() ? "tls.cert" : "tls.key") + ": is set, but " +
                       (key.empty() ? "tls.key" : "tls.cert") + " is not; set both or none");
  if (cert.empty() && !client_ca.empty())
    mistakes.push_back(origins.before("tls.client_ca") +
                       ": means nothing without tls.cert and tls.key");
  add_port_contradictions(settings, origins, mistakes);
  add_registry_contradictions(settings.registry_access, origins, mistakes);
  for (auto& mistake : detail::channel_mistakes(settings)) mistakes.push_back(std::move(mistake));
  return mistakes;
}

std::string print(const std::vector<Setting>& rows) {
  std::string out;
  for (const auto& row : rows) {
    const bool hidden = row.secret && row.show() != "\"\"";
    out += fmt::format(
        "{:<47} # {}\n",
        hidden ? "# " + plain(row.key) + ": not shown" : plain(row.key) + ": " + row.show(),
        row.origin);
  }
  return out;
}

std::string help(const std::vector<Setting>& rows) {
  std::string out =
      "Settings: defaults < YAML file < BRONTES_* variables < flags.\n\n"
      "  --config FILE        YAML file (or BRONTES_CONFIG)\n"
      "  --set KEY=VALUE      any setting of the table below\n"
      "  --print-config       every value and where it comes from\n"
      "  --help               this text\n";
  for (const auto& row : rows)
    if (!row.flag.empty())
      out +=
          fmt::format("  {:<20} setting {}\n",
                      "--" + row.flag + (detail::is_switch(row) ? "" : " VALUE"), plain(row.key));
  out += "\nKey, default, meaning:\n";
  for (const auto& row : rows)
    out += fmt::format("  {:<22} {:<16} {} ({})\n", plain(row.key), row.show(), row.help, row.type);
  return out;
}

/// A value that is quoted may hold several.
std::string on_one_line(const std::string& text) {
  std::string line;
  for (const char c : text) line += c == '\n' ? "\\n" : c == '\r' ? "\\r" : std::string(1, c);
  return line;
}

Status wrong(const Mistakes& mistakes) {
  std::string text;
  for (const auto& mistake : mistakes) text += (text.empty() ? "" : "\n") + on_one_line(mistake);
  return {Errc::kInvalidArgument, text};
}

std::string config_path(const detail::Flags& flags, const SettingSources& sources) {
  const auto variable = sources.environment.find("BRONTES_CONFIG");
  if (flags.config || variable == sources.environment.end()) return flags.config.value_or("");
  return variable->second;
}

}  // namespace

Status check(const Settings& settings) {
  const auto mistakes = contradictions(settings);
  return mistakes.empty() ? Status() : wrong(mistakes);
}

Expected<Settings> load_settings(const SettingSources& sources, Settings defaults,
                                 std::vector<Setting> own) {
  Settings settings = std::move(defaults);
  std::vector<Setting> rows = setting_table(settings);
  for (auto& row : own) rows.push_back(std::move(row));
  Mistakes mistakes;
  const auto flags = detail::read_flags(sources.args, rows, mistakes);
  if (flags.help) return fail(Errc::kOk, help(rows));
  if (const auto path = config_path(flags, sources); !path.empty())
    apply(rows, detail::read_yaml(path, mistakes), mistakes);
  apply(rows, detail::read_environment(sources.environment, rows, mistakes), mistakes);
  apply(rows, flags.assignments, mistakes);
  for (auto& mistake : contradictions(settings, Origins(rows)))
    mistakes.push_back(std::move(mistake));
  if (!mistakes.empty()) return fail(wrong(mistakes));
  if (flags.print) return fail(Errc::kOk, print(rows));
  return settings;
}

Expected<Settings> load_settings(int argc, const char* const* argv, Settings defaults,
                                 std::vector<Setting> own) {
  SettingSources sources;
  for (int i = 1; i < argc; ++i) sources.args.emplace_back(argv[i]);
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      sources.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return load_settings(sources, std::move(defaults), std::move(own));
}

int exit_with(const Status& status) {
  if (status.ok()) {
    std::cout << status.message() << std::flush;
    if (std::cout) return 0;
    std::cerr << program_invocation_short_name << ": standard output cannot be written\n";
    return 1;
  }
  std::istringstream lines(status.message());
  for (std::string line; std::getline(lines, line);)
    std::cerr << program_invocation_short_name << ": " << line << '\n';
  return exit_code_of(status);
}

int exit_code_of(const Status& status) {
  switch (status.code()) {
    case Errc::kOk:
      return 0;
    case Errc::kInvalidArgument:
    case Errc::kUnimplemented:  // a registry that this build does not have
      return 2;
    case Errc::kUnavailable:
    case Errc::kDeadlineExceeded:
      return 3;
    default:
      return 1;
  }
}

std::string settings_markdown() {
  Settings defaults;
  std::string out = "| key | default | type | is |\n|---|---|---|---|\n";
  for (const auto& row : setting_table(defaults))
    out +=
        fmt::format("| `{}` | `{}` | {} | {} |\n", plain(row.key), row.show(), row.type, row.help);
  return out;
}

}  // namespace brontes
