#include "gateway_config.hpp"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

namespace brontes::conformance {
namespace {

using nlohmann::json;

// Puts a value; false if it does not fit.
using Setter = std::function<bool(const json& value, GatewayConfig& config)>;

Setter word(std::map<std::string, std::function<void(GatewayConfig&)>> words) {
  return [words = std::move(words)](const json& value, GatewayConfig& config) {
    const auto found = value.is_string() ? words.find(value.get<std::string>()) : words.end();
    if (found == words.end()) return false;
    found->second(config);
    return true;
  };
}

Setter decoding() {
  const auto mode = [](PathDecoding which) {
    return [which](GatewayConfig& config) { config.http.path_decoding = which; };
  };
  return word({{"Legacy", mode(PathDecoding::kWhole)},
               {"AllExceptReserved", mode(PathDecoding::kAllExceptReserved)},
               {"AllExceptSlash", mode(PathDecoding::kAllExceptSlash)},
               {"AllCharacters", mode(PathDecoding::kAll)}});
}

Setter profile() {
  return word({{"hephfx", [](GatewayConfig& config) { config.http.json = JsonProfile::kHephfx; }},
               {"proto3", [](GatewayConfig& config) { config.http.json = JsonProfile::kProto3; }}});
}

Setter yes_or_no(bool HttpSettings::*member) {
  return [=](const json& value, GatewayConfig& config) {
    if (value.is_boolean()) config.http.*member = value.get<bool>();
    return value.is_boolean();
  };
}

bool healthz(const json& value, GatewayConfig& config) {
  if (value.is_boolean()) config.healthz = value.get<bool>();
  return value.is_boolean();
}

Setter bytes(std::uint64_t HttpSettings::*member) {
  return [=](const json& value, GatewayConfig& config) {
    if (value.is_number_unsigned()) config.http.*member = value.get<std::uint64_t>();
    return value.is_number_unsigned();
  };
}

Setter milliseconds(Duration HttpSettings::*member) {
  return [=](const json& value, GatewayConfig& config) {
    constexpr std::uint64_t kDay = 24 * 3600 * 1000;
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kDay) return false;
    config.http.*member = std::chrono::milliseconds(value.get<std::uint64_t>());
    return true;
  };
}

bool wrong_method(const json& value, GatewayConfig& config) {
  if (value != 501 && value != 405) return false;
  config.http.wrong_method_status = value.get<int>();
  return true;
}

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> all = {
      {"unescaping_mode", decoding()},
      {"expose_unbound_methods", yes_or_no(&HttpSettings::unbound_methods)},
      {"json", profile()},
      {"method_not_allowed", wrong_method},
      {"healthz", healthz},
      {"path_length_fallback", yes_or_no(&HttpSettings::form_as_get)},
      {"http_method_override", yes_or_no(&HttpSettings::method_override)},
      {"max_header_bytes", bytes(&HttpSettings::max_header_bytes)},
      {"max_body_bytes", bytes(&HttpSettings::max_body_bytes)},
      {"read_header_timeout_ms", milliseconds(&HttpSettings::header_timeout)},
      {"read_body_timeout_ms", milliseconds(&HttpSettings::body_timeout)},
      {"write_timeout_ms", milliseconds(&HttpSettings::write_timeout)},
      {"idle_timeout_ms", milliseconds(&HttpSettings::idle_timeout)},
  };
  return all;
}

}  // namespace

RouteOptions GatewayConfig::routes() const { return {http.path_decoding, http.unbound_methods}; }

HttpDoorOptions GatewayConfig::door() const {
  HttpDoorOptions options;
  options.max_header_bytes = http.max_header_bytes;
  options.max_body_bytes = http.max_body_bytes;
  options.header_timeout = http.header_timeout;
  options.body_timeout = http.body_timeout;
  options.write_timeout = http.write_timeout;
  options.idle_timeout = http.idle_timeout;
  if (http.json == JsonProfile::kProto3) options.json = JsonOptions::proto3();
  options.form_as_get = http.form_as_get;
  options.method_override = http.method_override;
  options.wrong_method_status = http.wrong_method_status;
  return options;
}

Expected<GatewayConfig> parse_gateway_config(const std::string& text) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return fail(Errc::kInvalidArgument, "'" + text + "' is no JSON object");
  GatewayConfig config;
  for (const auto& [key, value] : object.items()) {
    const auto setter = setters().find(key);
    if (setter == setters().end())
      return fail(Errc::kUnimplemented, "the gateway has no setting '" + key + "'");
    if (!setter->second(value, config))
      return fail(Errc::kInvalidArgument, "'" + key + "' cannot be " + value.dump());
  }
  return config;
}

}  // namespace brontes::conformance
