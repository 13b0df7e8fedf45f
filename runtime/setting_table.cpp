#include <unistd.h>

#include <brontes/discovery/instance.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <brontes/discovery/snapshot_archive.hpp>
#include <brontes/discovery/target.hpp>
#include <brontes/gateway/path_template.hpp>
#include <brontes/runtime/detail/balancing_settings.hpp>
#include <brontes/runtime/detail/channel_settings.hpp>
#include <brontes/runtime/settings.hpp>
#include <cerrno>
#include <system_error>

namespace brontes {
namespace {

using namespace std::chrono_literals;
using Rows = std::vector<Setting>;

Status file_or_empty(std::string_view, const std::string& text) {
  if (text.empty() || ::access(text.c_str(), R_OK) == 0) return {};
  return {Errc::kInvalidArgument,
          "'" + text + "' cannot be read: " + std::generic_category().message(errno)};
}

void add_serving(Rows& rows, Settings& s) {
  rows.push_back(
      setting("listen", s.listen, "where gRPC (and HTTP, if shared) is served; port 0: any")
          .with_flag("listen"));
  rows.push_back(setting(
      "mode", s.mode, "which doors share a port",
      Words<Mode>{
          {"shared", Mode::kShared}, {"two_ports", Mode::kTwoPorts}, {"grpc", Mode::kGrpc}}));
  rows.push_back(setting("http_listen", s.http_listen, "where HTTP is served in mode two_ports"));
  rows.push_back(setting("threads", s.threads, "of the actor pool; 0: one per core", {0, 1024}));
  rows.push_back(setting("reflection", s.reflection, "serve gRPC reflection"));
  rows.push_back(setting("tls.cert", s.tls.cert, "PEM file of the server's chain; empty: no TLS")
                     .with_check(file_or_empty));
  rows.push_back(setting("tls.key", s.tls.key, "PEM file of its key").with_check(file_or_empty));
  rows.push_back(setting("tls.client_ca", s.tls.client_ca,
                         "PEM file of who signs clients; empty: they show no certificate")
                     .with_check(file_or_empty));
}

Status name_or_empty(std::string_view, const std::string& text) {
  return text.empty() ? Status() : check_name(text);
}

Status own_registry(std::string_view, const std::string& text) { return check_registry(text); }

Status registry_of_scheme(std::string_view scheme, const std::string& text) {
  if (!is_registry_target(std::string(scheme) + ":"))
    return {Errc::kInvalidArgument,
            "'" + std::string(scheme) + "' is no scheme of a target, such as etcd or consul"};
  if (Status status = check_registry(text); !status.ok()) return status;
  if (text.starts_with(std::string(scheme) + ":")) return {};
  return {Errc::kInvalidArgument, "'" + text + "' is no registry of that scheme"};
}

Status directory_or_empty(std::string_view, const std::string& text) {
  return text.empty() ? Status() : check_snapshot_dir(text);
}

void add_registration(Rows& rows, Settings& s) {
  rows.push_back(setting("name", s.name, "the service's name in the registry; empty: no record")
                     .with_check(name_or_empty));
  rows.push_back(
      setting("version", s.version, "its version; empty: unversioned").with_check(name_or_empty));
  rows.push_back(setting("advertise", s.advertise,
                         "what others dial; empty: `listen`, with this machine's own address"));
  rows.push_back(setting("registry", s.registry, "URL of the registry of this node")
                     .with_flag("registry")
                     .with_check(own_registry));
  rows.push_back(
      setting("registries", s.registries, "URL per scheme, for targets such as etcd:///a/v1")
          .with_check(registry_of_scheme));
  RegistryAccess& access = s.registry_access;
  rows.push_back(setting("registry_auth.user", access.user,
                         "who logs in to registries whose URL has no ?user=; empty: nobody"));
  rows.push_back(
      setting("registry_auth.password", access.password,
              "its password, or Consul's token; better in BRONTES_REGISTRY_AUTH_PASSWORD")
          .as_secret());
  rows.push_back(setting("registry_tls.enabled", access.tls, "speak TLS to registries"));
  rows.push_back(setting("registry_tls.ca", access.ca,
                         "PEM file of who signs them; empty: whom this system trusts")
                     .with_check(file_or_empty));
  rows.push_back(
      setting("registry_tls.cert", access.cert, "PEM file that is shown to them; empty: none")
          .with_check(file_or_empty));
  rows.push_back(
      setting("registry_tls.key", access.key, "PEM file of its key").with_check(file_or_empty));
  rows.push_back(setting("discovery.snapshot_dir", s.snapshot_dir,
                         "directory of the last known instances, for a start while a registry is "
                         "away; empty: none are kept")
                     .with_check(directory_or_empty));
  rows.push_back(setting("ttl", s.ttl, "how long the record outlives a crash", {2s, 1h}));
  rows.push_back(setting("weight", s.weight, "share of calls relative to others", {1, 65535}));
  rows.push_back(setting("tags", s.tags, "tags of the record"));
  rows.push_back(setting("metadata", s.metadata, "metadata of the record"));
}

void add_life(Rows& rows, Settings& s) {
  rows.push_back(setting("probe.enabled", s.probe.enabled,
                         "announce only after the advertised address answered health"));
  rows.push_back(setting("probe.timeout", s.probe.timeout, "give up then", {1ms, 10min}));
  rows.push_back(setting("drain.min", s.drain.min,
                         "keep serving so long while consumers learn of the drain", {0s, 10min}));
  rows.push_back(setting("drain.max", s.drain.max,
                         "then wait so long for running calls; 0s: cut them off", {0s, 1h}));
}

Status path_or_empty(std::string_view, const std::string& text) {
  if (text.empty()) return {};
  if (!text.starts_with('/'))
    return {Errc::kInvalidArgument, "'" + text + "' is no path: it must start with '/'"};
  const auto path = PathTemplate::parse(text);
  return path ? Status() : path.error();
}

void add_limits(Rows& rows, Settings& s) {
  rows.push_back(
      setting("limits.connections", s.limits.connections, "open at once", {1, 1'000'000}));
  rows.push_back(setting("limits.connections_per_address", s.limits.connections_per_address,
                         "of these, from one IP address; 0: no limit", {0, 1'000'000}));
  rows.push_back(setting("limits.request_bytes", s.limits.request_bytes, "per message over gRPC",
                         {1024, 1u << 30}));
  rows.push_back(setting("limits.reply_bytes", s.limits.reply_bytes, "per message over gRPC",
                         {1024, 1u << 30}));
  rows.push_back(setting("limits.connection_age", s.limits.connection_age,
                         "gRPC connections are asked to go after it; 0s: never", {0s, 24h}));
  rows.push_back(setting("limits.sync_rest_handlers", s.limits.sync_rest_handlers,
                         "sync handlers of adopted services that REST may run at once",
                         {1, 100'000}));
  rows.push_back(setting("http.threads", s.http.threads, "that serve HTTP", {1, 256}));
  rows.push_back(
      setting("http.max_header_bytes", s.http.max_header_bytes, "per request", {1024, 1u << 20}));
  rows.push_back(
      setting("http.max_body_bytes", s.http.max_body_bytes, "per request", {0, 1u << 30}));
  rows.push_back(setting("http.header_timeout", s.http.header_timeout,
                         "for a request's head to arrive; on the shared port also for the first "
                         "bytes, which tell who speaks",
                         {1ms, 10min}));
  rows.push_back(setting("http.body_timeout", s.http.body_timeout, "then for its body", {1ms, 1h}));
  rows.push_back(setting("http.write_timeout", s.http.write_timeout,
                         "without the peer taking a byte", {1ms, 1h}));
  rows.push_back(setting("http.idle_timeout", s.http.idle_timeout,
                         "between requests of a connection", {1ms, 1h}));
  rows.push_back(setting("http.health_path", s.http.health_path,
                         "a health page beside the methods' routes, such as /healthz; empty: none")
                     .with_check(path_or_empty));
}

bool take_suffix(std::string& entry, const char* word) {
  for (const char* separator : {".", "_"})  // "_": a variable of the environment
    if (const std::string suffix = std::string(separator) + word;
        entry.size() > suffix.size() && entry.ends_with(suffix)) {
      entry.resize(entry.size() - suffix.size());
      return true;
    }
  return false;
}

/// "auth.except": the list of an entry, and where its origin is kept.
struct SelectionEntry {
  std::vector<std::string>* list = nullptr;
  std::string* origin = nullptr;
};
SelectionEntry selection_entry(Settings& s, std::string name) {
  if (take_suffix(name, "only"))
    return {&s.interceptors[name].only, &s.interceptors[name].only_origin};
  if (take_suffix(name, "except"))
    return {&s.interceptors[name].except, &s.interceptors[name].except_origin};
  return {};
}

Setting interceptors_row(Settings& s) {
  Setting row;
  row.key = "interceptors.*";
  row.is_list = true;
  row.type = "map of NAME.only and NAME.except to lists";
  row.help = "services and methods that an interceptor runs around; --print-chain shows them";
  row.assign = [&s](std::string_view entry, const std::string& text) -> Status {
    const auto into = selection_entry(s, std::string(entry));
    if (!into.list)
      return {Errc::kInvalidArgument,
              "'" + std::string(entry) + "' is not NAME.only or NAME.except"};
    std::vector<std::string> items;
    const Status status = setting("", items, "").assign("", text);
    for (std::string& item : items) item.erase(0, item.find_first_not_of(' '));
    if (items.empty())
      return {Errc::kInvalidArgument, "the list is empty; leave it out for every method"};
    *into.list = std::move(items);
    return status;
  };
  row.note_origin = [&s](std::string_view entry, const std::string& origin) {
    if (const auto into = selection_entry(s, std::string(entry)); into.list) *into.origin = origin;
  };
  row.show = [&s] {
    std::map<std::string, std::string> flat;
    for (auto& [name, selected] : s.interceptors) {
      for (const auto& item : selected.only) (flat[name + ".only"] += item) += ',';
      for (const auto& item : selected.except) (flat[name + ".except"] += item) += ',';
    }
    return setting("", flat, "").show();
  };
  return row;
}

void add_observability(Rows& rows, Settings& s) {
  rows.push_back(setting("admin.enabled", s.admin.enabled,
                         "serve /metrics, /livez, /readyz and /healthz on a port of their own"));
  rows.push_back(
      setting("admin.listen", s.admin.listen, "where; port 0: a free one, which the log tells"));
  rows.push_back(setting("metrics.enabled", s.metrics.enabled, "count and time every call"));
  rows.push_back(setting("metrics.buckets", s.metrics.buckets,
                         "seconds, of the latency histogram; empty: no histogram"));
  rows.push_back(interceptors_row(s));
  rows.push_back(setting("print_chain", s.print_chain,
                         "print what runs around each method, outermost first, and end")
                     .with_flag("print-chain"));
}

void add_http(Rows& rows, HttpSettings& http) {
  rows.push_back(setting(
      "http.json", http.json, "how messages are written and read",
      Words<JsonProfile>{{"hephfx", JsonProfile::kHephfx}, {"proto3", JsonProfile::kProto3}}));
  rows.push_back(
      setting("http.path_decoding", http.path_decoding,
              "which escapes of a path are decoded for its variables",
              Words<PathDecoding>{{"whole", PathDecoding::kWhole},
                                  {"all_except_reserved", PathDecoding::kAllExceptReserved},
                                  {"all_except_slash", PathDecoding::kAllExceptSlash},
                                  {"all", PathDecoding::kAll}}));
  rows.push_back(setting("http.unbound_methods", http.unbound_methods,
                         "methods without a rule are POST /package.Service/Method"));
  rows.push_back(
      setting("http.form_as_get", http.form_as_get, "a form POST may use the GET route"));
  rows.push_back(setting("http.method_override", http.method_override,
                         "X-HTTP-Method-Override of a form POST counts"));
  rows.push_back(setting("http.wrong_method_status", http.wrong_method_status,
                         "for a known path with another method; 405 brings Allow",
                         Words<int>{{"501", 501}, {"405", 405}}));
}

void add_calls(Rows& rows, Settings& s) {
  rows.push_back(setting("calls.default_timeout", s.calls.default_timeout,
                         "deadline of calls that bring none; 0s: none", {0s, 24h}));
  rows.push_back(setting("calls.max_timeout", s.calls.max_timeout,
                         "no deadline is later; 0s: no limit", {0s, 24h}));
  rows.push_back(setting("calls.deadline_margin", s.calls.deadline_margin,
                         "calls made on behalf of others end so much earlier than these",
                         {0s, 1min}));
  rows.push_back(setting("calls.log", s.calls.log, "level of the line about each ended call"));
  rows.push_back(setting("calls.report_load", s.calls.report_load,
                         "answers tell how busy this process is, for callers with policy load"));
}

}  // namespace

std::vector<Setting> setting_table(Settings& settings) {
  Rows rows;
  add_registration(rows, settings);
  add_serving(rows, settings);
  add_life(rows, settings);
  add_limits(rows, settings);
  add_http(rows, settings.http);
  add_calls(rows, settings);
  detail::add_balancing(rows, settings.balancing);
  rows.push_back(detail::channels_row(settings));
  add_observability(rows, settings);
  rows.push_back(setting("log.level", settings.log.level, "lowest level that is written"));
  rows.push_back(setting("log.format", settings.log.format, "for people, or one object a line"));
  return rows;
}

}  // namespace brontes
