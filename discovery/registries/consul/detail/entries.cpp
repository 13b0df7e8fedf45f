// Reading services back as records.
#include <algorithm>
#include <brontes/discovery/address.hpp>
#include <brontes/discovery/registries/consul/detail/service.hpp>
#include <brontes/discovery/registries/consul/detail/tags.hpp>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

namespace brontes::consul {
namespace {

using Json = nlohmann::json;
using Strings = std::vector<std::string>;

constexpr int kMaxDepth = 64;

/// Discarded when it is no JSON, or nested so deeply that printing it takes too much stack.
Json parse(std::string_view text) {
  bool too_deep = false;
  const auto callback = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kMaxDepth;
    return !too_deep;
  };
  Json json = Json::parse(text.begin(), text.end(), callback, false);
  return too_deep ? Json(Json::value_t::discarded) : json;
}

const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

std::string text(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : "";
}

Strings strings(const Json& array) {
  Strings result;
  if (array.is_array())
    for (const Json& value : array)
      if (value.is_string()) result.push_back(value.get<std::string>());
  return result;
}

/// Of the first tag that begins so.
std::optional<std::string> tagged(const Strings& tags, std::string_view name) {
  const auto found = std::find_if(tags.begin(), tags.end(),
                                  [&](const std::string& tag) { return tag.starts_with(name); });
  if (found == tags.end()) return std::nullopt;
  return found->substr(name.size());
}

Status bad(const std::string& why) { return {Errc::kInvalidArgument, why}; }

std::uint32_t weight_of(const Strings& tags) {
  const std::string digits = tagged(tags, kWeightTag).value_or("");
  std::uint32_t weight = 0;
  const auto end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, weight);
  return !digits.empty() && read.ec == std::errc() && read.ptr == end ? weight : 100;
}

Expected<std::string> address_of(const Json& service, const std::string& node_address) {
  std::string host = text(service, "Address");
  if (host.empty()) host = node_address;
  const Json& port = member(service, "Port");
  const bool is_port =
      port.is_number_integer() && port.get<std::int64_t>() > 0 && port.get<std::int64_t>() <= 65535;
  if (host.empty() || !is_port) return fail(bad("no address, or no port from 1 to 65535"));
  auto address = split_address(host + ":" + std::to_string(port.get<int>()));
  if (!address) return fail(address.error());
  return address->to_string();
}

/// As hephfx shows them, whose records have none of their own.
void rebuild_tags(const Strings& tags, Instance& into) {
  into.tags["prefix"] = tagged(tags, kPrefixTag).value_or("");
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) into.tags[name] = value;
  };
  add("version", into.version);
  add("protocol", into.protocol);
  add("instance_id", into.instance_id);
  add("network", into.network);
  add("created", into.created);
  add("naming_address", into.naming_address);
}

Status unpack(const std::string& luggage, Instance& into) {
  const Json rest = parse(luggage);
  if (!rest.is_object()) return bad("its brontes: tag is no JSON object");
  for (const std::string& key : strings(member(rest, "json")))
    if (const auto found = into.metadata.find(key); found != into.metadata.end())
      found->second.is_json = Json::accept(found->second.text);
  if (const Json& others = member(rest, "metadata"); others.is_object())
    for (const auto& [key, value] : others.items()) {
      MetadataValue& slot = into.metadata[key];
      slot.is_json = !value.is_string();
      slot.text = slot.is_json ? value.dump() : value.get<std::string>();
    }
  if (const Json& tags = member(rest, "tags"); tags.is_object())
    for (const auto& [key, value] : tags.items())
      if (value.is_string()) into.tags[key] = value.get<std::string>();
  if (member(rest, "network").is_string()) into.network = text(rest, "network");
  return {};
}

Status check(const Instance& instance) {
  if (Status name = check_name(instance.name); !name.ok()) return name;
  if (Status id = check_name(instance.instance_id); !id.ok()) return id;
  return instance.version.empty() ? Status() : check_name(instance.version);
}

Expected<Instance> read_service(const Json& service, const std::string& node_address) {
  const Strings tags = strings(member(service, "Tags"));
  auto address = address_of(service, node_address);
  if (!address) return fail(address.error());
  Instance result;
  result.name = text(service, "Service");
  result.address = std::move(*address);
  result.instance_id = tagged(tags, kIdTag).value_or(text(service, "ID"));
  result.network = tagged(tags, kNetworkTag).value_or("tcp");
  result.weight = weight_of(tags);
  result.version = tagged(tags, kVersionTag).value_or("");
  result.protocol = tagged(tags, kProtocolTag).value_or("");
  result.created = tagged(tags, kCreatedTag).value_or("");
  result.naming_address = tagged(tags, kNamingTag).value_or("");
  if (const Json& meta = member(service, "Meta"); meta.is_object())
    for (const auto& [key, value] : meta.items())
      if (value.is_string()) result.metadata[key] = value.get<std::string>();
  const std::uint32_t weight = result.weight;
  result = canonical(result);
  result.weight = weight;  // 0 stays, as in hephfx
  if (Status status = check(result); !status.ok()) return fail(std::move(status));
  if (const auto luggage = tagged(tags, kOwnTag)) {
    if (Status status = unpack(*luggage, result); !status.ok()) return fail(std::move(status));
  } else {
    rebuild_tags(tags, result);
  }
  return result;
}

/// Critical is gone, as if it were not there, unless somebody said that it shall rest.
Entry::State state_of(const Json& checks) {
  Entry::State state = Entry::State::kServing;
  if (!checks.is_array()) return state;
  for (const Json& check : checks) {
    const std::string status = text(check, "Status"), id = text(check, "CheckID");
    const bool meant = text(check, "Output") == kDraining ||
                       id.starts_with("_service_maintenance") || id == "_node_maintenance";
    if (status == "critical" && !meant) return Entry::State::kGone;
    if (status == "critical" || status == "warning") state = Entry::State::kDrained;
  }
  return state;
}

bool is_ours(const Strings& tags, std::string_view prefix) {
  return prefix.empty() || std::find(tags.begin(), tags.end(), prefix_tag(prefix)) != tags.end();
}

}  // namespace

Expected<Entries> read_entries(std::string_view json, std::string_view prefix) {
  const Json all = parse(json);
  if (!all.is_array()) return fail(Errc::kInternal, "Consul's answer is no list of services");
  Entries result;
  for (const Json& one : all) {
    const Json& service = member(one, "Service");
    if (!is_ours(strings(member(service, "Tags")), prefix)) continue;
    const Entry::State state = state_of(member(one, "Checks"));
    auto instance = read_service(service, text(member(one, "Node"), "Address"));
    if (!instance) {
      const std::string id = text(service, "ID");
      const std::string which = text(service, "Service") + "/" + id + ": ";
      result.unreadable.push_back(
          {id, state, {Errc::kInvalidArgument, which + instance.error().message()}});
      continue;
    }
    instance->healthy = state == Entry::State::kServing;
    result.entries.push_back({std::move(*instance), state});
  }
  return result;
}

Expected<Instance> read_agent_service(std::string_view json) {
  return read_service(parse(json), "");
}

Expected<std::set<std::string>> read_names(std::string_view json, std::string_view prefix) {
  const Json all = parse(json);
  if (!all.is_object()) return fail(Errc::kInternal, "Consul's answer is no list of names");
  std::set<std::string> names;
  for (const auto& [name, tags] : all.items())
    if (is_ours(strings(tags), prefix) && check_name(name).ok()) names.insert(name);
  return names;
}

}  // namespace brontes::consul
