// Writing a record as a service.
#include <algorithm>
#include <brontes/discovery/address.hpp>
#include <brontes/discovery/registries/consul/detail/service.hpp>
#include <brontes/discovery/registries/consul/detail/tags.hpp>
#include <nlohmann/json.hpp>

namespace brontes::consul {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMetaPairs = 64;  // Consul's limits
constexpr std::size_t kMetaKey = 128;
constexpr std::size_t kMetaValue = 512;

bool may_be_meta(const std::string& key, const std::string& value) {
  const auto letter = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !key.empty() && key.size() <= kMetaKey && value.size() <= kMetaValue &&
         !key.starts_with("consul-") && std::all_of(key.begin(), key.end(), letter);
}

/// Meta, and what goes along in a tag because Consul, or hephfx, has no place for it.
struct Luggage {
  OrderedJson meta = OrderedJson::object();
  OrderedJson rest = OrderedJson::object();
};

Luggage pack(const Instance& instance) {
  Luggage luggage;
  OrderedJson typed = OrderedJson::array(), others = OrderedJson::object();
  for (const auto& [key, value] : instance.metadata) {
    if (luggage.meta.size() < kMetaPairs && may_be_meta(key, value.text)) {
      luggage.meta[key] = value.text;
      if (value.is_json) typed.push_back(key);
    } else {
      others[key] = value.is_json ? OrderedJson::parse(value.text) : OrderedJson(value.text);
    }
  }
  if (!typed.empty()) luggage.rest["json"] = std::move(typed);
  if (!others.empty()) luggage.rest["metadata"] = std::move(others);
  if (instance.network.empty()) luggage.rest["network"] = "";
  if (!instance.tags.empty()) luggage.rest["tags"] = instance.tags;
  return luggage;
}

std::string dump(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// Their order is hephfx's.
OrderedJson tags_of(const Instance& instance, std::string_view prefix, const OrderedJson& rest) {
  OrderedJson tags = OrderedJson::array();
  const auto add = [&](std::string_view name, const std::string& value) {
    tags.push_back(std::string(name) + value);
  };
  const auto add_some = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) add(name, value);
  };
  if (!prefix.empty()) tags.push_back(prefix_tag(prefix));
  add_some(kVersionTag, instance.version);
  add(kProtocolTag, instance.protocol);
  add(kIdTag, instance.instance_id);
  add_some(kNetworkTag, instance.network);
  add(kWeightTag, std::to_string(instance.weight));
  add_some(kCreatedTag, instance.created);
  add_some(kNamingTag, instance.naming_address);
  add(kOwnTag, dump(rest));
  return tags;
}

}  // namespace

std::string prefix_tag(std::string_view prefix) {
  while (prefix.starts_with('/')) prefix.remove_prefix(1);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  return std::string(kPrefixTag) + std::string(prefix);
}

std::string check_id(const std::string& instance_id) { return "service:" + instance_id; }

Instance canonical(const Instance& instance) {
  // JSON does it for us: the protocol's letters, the weight, what is no Unicode.
  Instance result = instance_from_json(to_json(instance)).value_or(instance);
  if (const auto address = split_address(result.address)) result.address = address->to_string();
  return result;
}

std::string registration(const Instance& instance, std::string_view prefix,
                         std::chrono::seconds ttl) {
  const auto address = split_address(instance.address).value_or(HostPort{});
  const bool bare_ipv6 = address.host.find(':') != std::string::npos;
  const Luggage luggage = pack(instance);
  OrderedJson check;
  check["CheckID"] = check_id(instance.instance_id);
  check["Name"] = instance.name + " TTL check";
  check["TTL"] = std::to_string(ttl.count()) + "s";
  check["DeregisterCriticalServiceAfter"] = "1m";  // Consul's own least
  check["Status"] = "passing";                     // else nobody sees it before the first beat
  OrderedJson service;
  service["ID"] = instance.instance_id;
  service["Name"] = instance.name;
  service["Tags"] = tags_of(instance, prefix, luggage.rest);
  service["Address"] = bare_ipv6 ? "[" + address.host + "]" : address.host;
  service["Port"] = address.port;
  service["Meta"] = luggage.meta;
  service["Check"] = std::move(check);
  return dump(service);
}

}  // namespace brontes::consul
