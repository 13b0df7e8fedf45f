// What a node is told from outside: defaults < YAML file < environment < flags, into plain structs.
//
//   auto settings = brontes::load_settings(argc, argv, {.name = "greeter", .version = "v1"});
//   if (!settings) return brontes::exit_with(settings.error());
//
// docs/configuration.md lists every key with its default; see docs/adr/0062-settings.md.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/balancing/balancing_options.hpp>
#include <brontes/discovery/registries/registry_access.hpp>
#include <brontes/gateway/percent.hpp>
#include <brontes/runtime/address.hpp>
#include <brontes/runtime/channel_settings.hpp>
#include <brontes/runtime/setting.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace brontes {

enum class Mode {
  kShared,    ///< gRPC and HTTP on `listen`
  kTwoPorts,  ///< gRPC on `listen`, HTTP on `http_listen`
  kGrpc,      ///< no HTTP
};

/// How HTTP writes and reads messages; see docs/gateway.md.
enum class JsonProfile {
  kHephfx,  ///< everything printed, proto names, unknown members ignored
  kProto3,  ///< defaults left out, JSON names, unknown members refused
};

/// PEM files. TLS is on when `cert` is set: on every port of the node, and plain text is off.
struct TlsSettings {
  std::string cert{}, key{};
  std::string client_ca{};  ///< who signs clients; "": clients show no certificate
};

struct HttpSettings {
  std::uint64_t threads = 1;
  std::uint64_t max_header_bytes = 64 * 1024;
  std::uint64_t max_body_bytes = 16 * 1024 * 1024;
  Duration header_timeout = std::chrono::seconds(5);
  Duration body_timeout = std::chrono::seconds(20);
  Duration write_timeout = std::chrono::seconds(20);
  Duration idle_timeout = std::chrono::seconds(60);
  JsonProfile json = JsonProfile::kHephfx;
  PathDecoding path_decoding = PathDecoding::kWhole;
  bool unbound_methods = false;   ///< POST /package.Service/Method where a method has no rule
  bool form_as_get = true;        ///< a form POST may use the GET route
  bool method_override = true;    ///< X-HTTP-Method-Override of a form POST counts
  int wrong_method_status = 501;  ///< or 405: for a known path with another method
  std::string health_path{};      ///< a health page beside the methods' routes; "": none
};

struct LimitSettings {
  std::uint64_t connections = 10'000;
  std::uint64_t connections_per_address = 0;  ///< 0: no limit
  std::uint64_t request_bytes = 4 * 1024 * 1024;
  std::uint64_t reply_bytes = 64 * 1024 * 1024;
  Duration connection_age = Duration::zero();
  std::uint64_t sync_rest_handlers = 256;  ///< of adopted services, at once
};

struct CallSettings {
  Duration default_timeout = Duration::zero();  ///< of calls that bring none; zero: none
  Duration max_timeout = Duration::zero();      ///< of calls that ask for more; zero: no limit
  LogLevel log = LogLevel::kDebug;              ///< of the line that each ended call writes
  Duration deadline_margin = std::chrono::milliseconds(5);  ///< of channels, see ChannelOptions
  bool report_load = false;  ///< answers tell how busy this process is, for callers' policy "load"
};

/// Around which methods an interceptor runs: services ("orders.v1.Orders") and methods
/// ("orders.v1.Orders/Place"). `except` wins.
struct InterceptorSettings {
  std::vector<std::string> only{}, except{};
  std::string only_origin{}, except_origin{};  ///< "app.yaml:7": for what is said of mistakes
};

/// The pages for those who run the node: /metrics, /livez, /readyz, /healthz.
struct AdminSettings {
  bool enabled = true;
  Address listen{"127.0.0.1", 0};  ///< port 0: a free one, which the log tells
};

struct MetricSettings {
  bool enabled = true;                                                            ///< of calls
  std::vector<double> buckets{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};  ///< seconds
};

struct DrainSettings {
  Duration min = std::chrono::seconds(3);   ///< keep serving while consumers learn of the drain
  Duration max = std::chrono::seconds(20);  ///< then let running calls end, at most so long; a call
                                            ///< that goes on is a failure of the stop, unless zero
};

struct ProbeSettings {
  bool enabled = true;
  Duration timeout = std::chrono::seconds(5);
};

struct LogSettings {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
};

/// A value. Every member is a row of setting_table(), which has units and bounds.
struct Settings {
  std::string name{};     ///< under which it is registered; "": it is not
  std::string version{};  ///< "v1", or "" for unversioned
  Address listen{"", 50051};
  Mode mode = Mode::kShared;
  Address http_listen{"", 8080};
  std::optional<Address> advertise{};  ///< none: `listen` with a host that others can dial
  std::string registry = "memory:";
  std::map<std::string, std::string> registries{};  ///< scheme of a target -> registry URL
  RegistryAccess registry_access{};                 ///< who this node is to them
  std::string snapshot_dir{};  ///< `discovery.snapshot_dir`, see DiscoveryOptions
  Duration ttl = std::chrono::seconds(15);
  std::uint64_t weight = 100;
  std::map<std::string, std::string> tags{}, metadata{};
  std::uint64_t threads = 0;  ///< of the actor pool; 0: one per core
  bool reflection = true;
  TlsSettings tls{};
  HttpSettings http{};
  LimitSettings limits{};
  CallSettings calls{};
  BalancingOptions balancing{};                       ///< of channels that Node::channel opens
  std::map<std::string, ChannelSettings> channels{};  ///< by the name that it opens them by
  AdminSettings admin{};
  MetricSettings metrics{};
  std::map<std::string, InterceptorSettings> interceptors{};  ///< by Interceptor::name()
  bool print_chain = false;  ///< Node::run prints what runs around each method, and ends
  DrainSettings drain{};
  ProbeSettings probe{};
  LogSettings log{};
};

/// Whether they go together: a certificate needs a key. kInvalidArgument with one line per mistake.
/// Nodes and load_settings ask it.
Status check(const Settings& settings);

/// The one table of settings, bound to `settings`, which must outlive it.
std::vector<Setting> setting_table(Settings& settings);

/// Reads all sources. `own` are the application's rows, under keys of its own section:
///
///   Pricing pricing;  // plain struct with defaults
///   auto settings = load_settings(argc, argv, {.name = "pricing"},
///                                 {setting("pricing.currency", pricing.currency, "of prices")});
///
/// The error has one line per mistake, all of them at once; each names the key and the file and
/// line, variable or flag that it came from. `--help` and `--print-config` are an "error" that is
/// OK and carries the text to print: exit_with does the right thing with either.
Expected<Settings> load_settings(int argc, const char* const* argv, Settings defaults = {},
                                 std::vector<Setting> own = {});

/// The same from explicit sources; `args` without the program's name.
struct SettingSources {
  std::vector<std::string> args;
  std::map<std::string, std::string> environment;
};
Expected<Settings> load_settings(const SettingSources& sources, Settings defaults = {},
                                 std::vector<Setting> own = {});

/// Says why on standard error, a line per line, and returns the exit code: 2 bad settings or usage,
/// 3 something could not be reached, 1 the rest. An OK status is printed on standard output, 0.
int exit_with(const Status& status);
/// That code alone.
int exit_code_of(const Status& status);

/// The table as Markdown, as docs/configuration.md has it.
std::string settings_markdown();

}  // namespace brontes
