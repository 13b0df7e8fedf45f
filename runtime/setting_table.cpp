#include <brontes/runtime/settings.hpp>

namespace brontes {
namespace {

using namespace std::chrono_literals;
using Rows = std::vector<Setting>;

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
  rows.push_back(setting("tls.cert", s.tls.cert, "PEM file of the server's chain; empty: no TLS"));
  rows.push_back(setting("tls.key", s.tls.key, "PEM file of its key"));
  rows.push_back(setting("tls.client_ca", s.tls.client_ca,
                         "PEM file of who signs clients; empty: they show no certificate"));
}

void add_registration(Rows& rows, Settings& s) {
  rows.push_back(setting("name", s.name, "the service's name in the registry; empty: no record"));
  rows.push_back(setting("version", s.version, "its version; empty: unversioned"));
  rows.push_back(setting("advertise", s.advertise,
                         "what others dial; empty: `listen`, with this machine's own address"));
  rows.push_back(
      setting("registry", s.registry, "URL of the registry of this node").with_flag("registry"));
  rows.push_back(
      setting("registries", s.registries, "URL per scheme, for targets such as etcd:///a/v1"));
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
  rows.push_back(
      setting("drain.max", s.drain.max, "then wait so long for running calls", {0s, 1h}));
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
  rows.push_back(setting("http.threads", s.http.threads, "that serve HTTP", {1, 256}));
  rows.push_back(
      setting("http.max_header_bytes", s.http.max_header_bytes, "per request", {1024, 1u << 20}));
  rows.push_back(
      setting("http.max_body_bytes", s.http.max_body_bytes, "per request", {0, 1u << 30}));
  rows.push_back(setting("http.header_timeout", s.http.header_timeout,
                         "for a request's head to arrive", {1ms, 10min}));
  rows.push_back(setting("http.body_timeout", s.http.body_timeout, "then for its body", {1ms, 1h}));
  rows.push_back(setting("http.write_timeout", s.http.write_timeout,
                         "without the peer taking a byte", {1ms, 1h}));
  rows.push_back(setting("http.idle_timeout", s.http.idle_timeout,
                         "between requests of a connection", {1ms, 1h}));
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
  rows.push_back(setting("calls.log", s.calls.log, "level of the line about each ended call"));
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
  rows.push_back(setting("log.level", settings.log.level, "lowest level that is written"));
  rows.push_back(setting("log.format", settings.log.format, "for people, or one object a line"));
  return rows;
}

}  // namespace brontes
