#include <google/protobuf/descriptor.h>
#include <unistd.h>

#include <algorithm>
#include <brontes/actors/call/metadata.hpp>
#include <brontes/discovery/target.hpp>
#include <brontes/runtime/detail/balancing_settings.hpp>
#include <brontes/runtime/detail/channel_settings.hpp>
#include <brontes/runtime/detail/setting_sources.hpp>
#include <cctype>
#include <cerrno>
#include <memory>
#include <system_error>

namespace brontes::detail {
namespace {

using namespace std::chrono_literals;
namespace pb = google::protobuf;

constexpr std::string_view kMethods = "methods.", kBalancing = "balancing.";

Status refuse_setting(std::string why) { return {Errc::kInvalidArgument, std::move(why)}; }

Status target(std::string_view, const std::string& text) {
  if (text.empty()) return refuse_setting("is empty");
  if (!is_registry_target(text)) return {};
  const auto parsed = parse_target(text);
  return parsed ? Status() : parsed.error();
}

Status readable(std::string_view, const std::string& text) {
  if (text.empty() || ::access(text.c_str(), R_OK) == 0) return {};
  return refuse_setting("'" + text + "' cannot be read: " + std::generic_category().message(errno));
}

Status header(std::string_view key, const std::string& text) { return check_metadata(key, text); }

std::string names_of(const pb::ServiceDescriptor& service) {
  std::string names;
  for (int i = 0; i < service.method_count(); ++i)
    names += (i > 0 ? ", " : "") + service.method(i)->name();
  return names;
}

// Only what this program links can be looked up; other services are taken as they are written.
Status method_name(const std::string& name) {
  if (const Status status = check(MethodPolicies{{name, {}}}); !status.ok()) return status;
  const auto slash = name.find('/');
  const auto* service =
      pb::DescriptorPool::generated_pool()->FindServiceByName(name.substr(0, slash));
  if (slash == std::string::npos || !service) return {};
  if (service->FindMethodByName(name.substr(slash + 1))) return {};
  return refuse_setting("'" + name.substr(slash + 1) + "' is no method of " + service->full_name() +
                        "; it has " + names_of(*service));
}

Status service_name(std::string_view, const std::string& text) {
  return text.find('/') == std::string::npos && text != "*"
             ? Status()
             : refuse_setting("'" + text + "' is no service, such as shop.v1.Orders");
}

std::vector<std::string> keys_of(const std::vector<Setting>& rows) {
  std::vector<std::string> keys;
  for (const Setting& row : rows)
    keys.push_back(row.key.ends_with(".*") ? row.key.substr(0, row.key.size() - 2) : row.key);
  return keys;
}

Status assign(std::vector<Setting> rows, const std::string& key, const std::string& text) {
  std::string entry;
  const Setting* row = find_row(rows, key, entry);
  if (row) return row->assign(entry, text);
  return refuse_setting("no such setting of a channel" + suggestion(key, keys_of(rows)));
}

/// "shop.v1.Orders/Get.retry.attempts": the longest key that it ends with.
Status assign_method(ChannelSettings& channel, const std::string& rest, const std::string& text) {
  MethodPolicy scratch;
  std::string key;
  for (const std::string& each : keys_of(method_rows(scratch)))
    if (rest.ends_with("." + each) && each.size() > key.size()) key = each;
  if (key.empty()) {
    std::string known;
    for (const std::string& each : keys_of(method_rows(scratch)))
      known += (known.empty() ? "" : ", ") + each;
    return refuse_setting("is no METHOD.KEY; of a method there are " + known);
  }
  const std::string method = rest.substr(0, rest.size() - key.size() - 1);
  if (const Status status = method_name(method); !status.ok()) return status;
  if (const Status status = assign(method_rows(scratch), key, text); !status.ok()) return status;
  return assign(method_rows(channel.methods[method]), key, text);
}

/// NAME and the rest; in the environment "_" stands for each dot.
std::pair<std::string, std::string> split_entry(const std::string& entry) {
  if (const auto dot = entry.find('.'); dot != std::string::npos)
    return {entry.substr(0, dot), entry.substr(dot + 1)};
  ChannelSettings scratch;
  std::pair<std::string, std::string> found;
  for (const std::string& key : keys_of(channel_rows(scratch))) {
    std::string suffix = "_" + key;
    std::replace(suffix.begin(), suffix.end(), '.', '_');
    if (entry.size() > suffix.size() && entry.ends_with(suffix) && key.size() > found.second.size())
      found = {entry.substr(0, entry.size() - suffix.size()), key};
  }
  return found;
}

bool is_channel_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_';
  });
}

Status assign_channel(Settings& settings, std::string_view entry, const std::string& text) {
  const auto [name, rest] = split_entry(std::string(entry));
  if (!is_channel_name(name))
    return refuse_setting("is not NAME.KEY; a channel's name is letters, digits, '-' and '_'");
  ChannelSettings scratch;
  if (rest.starts_with(kMethods)) {
    const Status status = assign_method(scratch, rest.substr(kMethods.size()), text);
    return status.ok() ? assign_method(settings.channels[name], rest.substr(kMethods.size()), text)
                       : status;
  }
  // What is refused leaves no channel behind.
  const Status status = assign(channel_rows(scratch), rest, text);
  return status.ok() ? assign(channel_rows(settings.channels[name]), rest, text) : status;
}

void show_rows(const std::string& prefix, const std::vector<Setting>& rows,
               const std::vector<Setting>& defaults, std::map<std::string, std::string>& shown) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string text = rows[i].show();
    // Metadata may hold tokens.
    if (text == defaults[i].show() || rows[i].key == "metadata.*") continue;
    shown[prefix + keys_of({rows[i]}).front()] = text;
  }
}

std::string show_channels(Settings& settings) {
  std::map<std::string, std::string> shown;
  ChannelSettings plain;
  MethodPolicy plain_method;
  for (auto& [name, channel] : settings.channels) {
    show_rows(name + ".", channel_rows(channel), channel_rows(plain), shown);
    for (auto& [method, policy] : channel.methods)
      if (method != "*")
        show_rows(name + "." + std::string(kMethods) + method + ".", method_rows(policy),
                  method_rows(plain_method), shown);
  }
  std::string out;
  for (const auto& [key, text] : shown) out += (out.empty() ? "\"" : ", \"") + key + "\": " + text;
  return "{" + out + "}";
}

/// Those of the node's balancing, checked alike; what is said is kept as it was written.
void add_balancing_rows(std::vector<Setting>& rows, ChannelSettings& channel) {
  const auto scratch = std::make_shared<BalancingOptions>();
  std::vector<Setting> all;
  add_balancing(all, *scratch);
  for (Setting& row : all) {
    const std::string member = row.key.substr(kBalancing.size());
    row.assign = [scratch, member, &channel, take = std::move(row.assign)](
                     std::string_view entry, const std::string& text) {
      const Status status = take(entry, text);
      if (status.ok()) channel.balancing[member] = text;
      return status;
    };
    row.show = [member, &channel] {
      const auto at = channel.balancing.find(member);
      std::string text = at == channel.balancing.end() ? "" : at->second;
      return text.empty() ? text : setting("", text, "").show();
    };
    rows.push_back(std::move(row));
  }
}

Setting margin_row(std::optional<Duration>& margin) {
  const auto value = std::make_shared<Duration>();
  Setting row =
      setting("deadline_margin", *value, "as calls.deadline_margin", Range<Duration>{0s, 1min});
  row.assign = [value, &margin, take = std::move(row.assign)](std::string_view entry,
                                                              const std::string& text) {
    Status status = take(entry, text);
    if (status.ok()) margin = *value;
    return status;
  };
  row.show = [&margin] { return margin ? to_string(*margin) : ""; };
  return row;
}

}  // namespace

std::vector<Setting> channel_rows(ChannelSettings& c) {
  std::vector<Setting> rows;
  rows.push_back(setting("target", c.target, "whom it calls; needed").with_check(target));
  rows.push_back(setting("service", c.service, "of methods that are named without one")
                     .with_check(service_name));
  rows.push_back(
      setting("metadata", c.metadata, "of each call that brings no such key").with_check(header));
  rows.push_back(setting("tls.enabled", c.tls, "speak TLS"));
  rows.push_back(
      setting("tls.ca", c.tls_files.ca, "PEM file of who signs servers; empty: the system's")
          .with_check(readable));
  rows.push_back(setting("tls.cert", c.tls_files.certificate, "PEM file that is shown to them")
                     .with_check(readable));
  rows.push_back(setting("tls.key", c.tls_files.key, "PEM file of its key").with_check(readable));
  rows.push_back(
      setting("tls.server_name", c.tls_files.server_name,
              "of which certificates must be; empty: the service's name in the registry"));
  rows.push_back(
      setting("retry_budget", c.retry_budget, "retries per call, and ten a second", {0, 1}));
  rows.push_back(setting("hedge_budget", c.hedge_budget, "hedges per hedgeable call", {0, 1}));
  rows.push_back(margin_row(c.deadline_margin));
  rows.push_back(setting("max_waiting_calls", c.max_waiting_calls,
                         "that wait for an endpoint or their retry", {0, 1'000'000}));
  add_balancing_rows(rows, c);
  for (Setting& row : method_rows(c.methods["*"])) rows.push_back(std::move(row));
  return rows;
}

Setting channels_row(Settings& settings) {
  Setting row;
  row.key = "channels.*";
  row.is_list = true;
  row.type = "map of NAME.KEY";
  row.help = "channels that the program opens by name; docs/calling.md has the keys";
  row.assign = [&settings](std::string_view entry, const std::string& text) {
    return assign_channel(settings, entry, text);
  };
  row.note_origin = [&settings](std::string_view entry, const std::string& origin) {
    std::string& known = settings.channels[split_entry(std::string(entry)).first].origin;
    if (known.empty()) known = origin;
  };
  row.show = [&settings] { return show_channels(settings); };
  return row;
}

std::string channel_keys_markdown() {
  ChannelSettings channel;
  MethodPolicy policy;
  std::string out = "| key of a channel | type | is |\n|---|---|---|\n";
  const auto add = [&out](const std::vector<Setting>& rows) {
    const auto keys = keys_of(rows);
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (!keys[i].starts_with(kBalancing))
        out += "| `" + keys[i] + "` | " + rows[i].type + " | " + rows[i].help + " |\n";
  };
  add(channel_rows(channel));
  return out;
}

}  // namespace brontes::detail
