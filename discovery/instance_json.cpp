// The record as JSON, byte for byte what hephfx's Rust side writes, read as leniently as its Go
// side reads: docs/discovery.md.
#include <algorithm>
#include <brontes/discovery/detail/text_repair.hpp>
#include <brontes/discovery/instance.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

namespace brontes {
namespace {

using Json = nlohmann::json;
using Member = std::pair<std::string, Json>;

constexpr int kMaxDepth = 64;  // printing nested metadata takes stack

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool same_letters(std::string_view a, std::string_view b) {
  const auto lower = [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string protocol_name(const std::string& text) {
  if (same_letters(text, "grpc")) return "GRPC";
  return same_letters(text, "http") ? "HTTP" : text;
}

std::string value_text(const MetadataValue& value) {
  return value.is_json && Json::accept(value.text) ? value.text : quoted(value.text);
}

template <class Map, class F>
std::string object(const Map& map, F&& value_of) {
  std::string out = "{";
  for (const auto& [key, value] : map) {
    if (out.size() > 1) out += ',';
    out += quoted(key) + ':' + value_of(value);
  }
  return out + '}';
}

Status bad(const std::string& why) { return {Errc::kInvalidArgument, "reading a record: " + why}; }

/// The top-level members in order, so that repeated ones can be merged; nothing if it is no JSON.
std::optional<std::vector<Member>> members_of(std::string_view text, bool& is_object) {
  std::vector<Member> members;
  std::string key;
  bool too_deep = false;
  const auto callback = [&](int depth, Json::parse_event_t event, Json& value) {
    too_deep = too_deep || depth > kMaxDepth;
    if (too_deep) return false;
    using Event = Json::parse_event_t;
    if (depth != 1) return true;
    if (event == Event::key) key = value.get<std::string>();
    if (event != Event::value && event != Event::object_end && event != Event::array_end)
      return true;
    members.emplace_back(std::move(key), std::move(value));
    return false;  // it is ours now; the whole is not looked at
  };
  const Json whole = Json::parse(text.begin(), text.end(), callback, false);
  if (whole.is_discarded() || too_deep) return std::nullopt;
  is_object = whole.is_object() || whole.is_null();
  return members;
}

Status read_text(const Json& value, std::string& into, std::string_view key) {
  if (value.is_null()) return {};
  if (!value.is_string()) return bad("\"" + std::string(key) + "\" is no string");
  into = value.get<std::string>();
  return {};
}

Status read_weight(const Json& value, std::uint32_t& into) {
  if (value.is_null()) return {};
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > UINT32_MAX)
    return bad("\"weight\" is no integer from 0 to 4294967295");
  into = value.get<std::uint32_t>();
  return {};
}

Status read_tags(const Json& value, std::map<std::string, std::string>& into) {
  if (value.is_null()) return {};
  if (!value.is_object()) return bad("\"tags\" is no object");
  for (const auto& [key, tag] : value.items()) {
    std::string text;
    if (Status status = read_text(tag, text, "tags." + key); !status.ok()) return status;
    into[key] = std::move(text);
  }
  return {};
}

Status read_metadata(const Json& value, std::map<std::string, MetadataValue>& into) {
  if (value.is_null()) return {};
  if (!value.is_object()) return bad("\"metadata\" is no object");
  for (const auto& [key, entry] : value.items()) {
    MetadataValue& slot = into[key];
    slot.is_json = !entry.is_string();
    slot.text = slot.is_json ? entry.dump() : entry.get<std::string>();
  }
  return {};
}

Status read_member(const Member& member, Instance& into) {
  const auto& [key, value] = member;
  const auto is = [&](std::string_view name) { return same_letters(key, name); };
  if (is("network")) return read_text(value, into.network, key);
  if (is("name")) return read_text(value, into.name, key);
  if (is("address")) return read_text(value, into.address, key);
  if (is("naming_address")) return read_text(value, into.naming_address, key);
  if (is("instance_id")) return read_text(value, into.instance_id, key);
  if (is("version")) return read_text(value, into.version, key);
  if (is("protocol")) return read_text(value, into.protocol, key);
  if (is("created")) return read_text(value, into.created, key);
  if (is("weight")) return read_weight(value, into.weight);
  if (is("metadata")) return read_metadata(value, into.metadata);
  if (is("tags")) return read_tags(value, into.tags);
  if (is("healthy") && !value.is_null()) {
    if (!value.is_boolean()) return bad("\"healthy\" is neither true nor false");
    into.healthy = value.get<bool>();
  }
  return {};
}

}  // namespace

std::string to_json(const Instance& instance) {
  const auto tag_text = [](const std::string& tag) { return quoted(tag); };
  const std::uint32_t weight = instance.weight == 0 ? 100 : instance.weight;
  return "{\"network\":" + quoted(instance.network) + ",\"name\":" + quoted(instance.name) +
         ",\"address\":" + quoted(instance.address) +
         ",\"naming_address\":" + quoted(instance.naming_address) +
         ",\"instance_id\":" + quoted(instance.instance_id) +
         ",\"version\":" + quoted(instance.version) + ",\"weight\":" + std::to_string(weight) +
         ",\"protocol\":" + quoted(protocol_name(instance.protocol)) +
         ",\"healthy\":" + (instance.healthy ? "true" : "false") +
         ",\"created\":" + quoted(instance.created) +
         ",\"metadata\":" + object(instance.metadata, value_text) +
         ",\"tags\":" + object(instance.tags, tag_text) + "}";
}

Expected<Instance> instance_from_json(std::string_view json) {
  bool is_object = false;
  auto members = members_of(json, is_object);
  std::string repaired;
  if (!members) members = members_of(repaired = detail::repair_unicode(json), is_object);
  if (!members) return fail(bad("this is no JSON, or nested too deeply"));
  if (!is_object) return fail(bad("this is JSON, but no object"));

  Instance instance;
  instance.network = instance.protocol = "";
  instance.weight = 0;
  instance.healthy = false;
  for (const Member& member : *members) {
    if (Status status = read_member(member, instance); !status.ok()) return fail(std::move(status));
  }
  instance.protocol = protocol_name(instance.protocol);
  return instance;
}

}  // namespace brontes
