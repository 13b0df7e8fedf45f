// The record as JSON, byte for byte what hephfx's Rust side writes, read as leniently as its Go
// side reads: docs/discovery.md.
#include <brontes/discovery/detail/plain_record.hpp>
#include <brontes/discovery/detail/record_reader.hpp>
#include <brontes/discovery/detail/record_words.hpp>
#include <brontes/discovery/detail/text_repair.hpp>
#include <brontes/discovery/instance.hpp>
#include <nlohmann/json.hpp>
#include <optional>

namespace brontes {
namespace {

using Json = nlohmann::json;

std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
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

bool read(std::string_view json, detail::RecordReader& reader) {
  return Json::sax_parse(json.begin(), json.end(), &reader);
}

/// As in a struct of Go's that nothing was read into.
Instance zero() {
  Instance instance;
  instance.network = instance.protocol = "";
  instance.weight = 0;
  instance.healthy = false;
  return instance;
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
         ",\"protocol\":" + quoted(detail::protocol_name(instance.protocol)) +
         ",\"healthy\":" + (instance.healthy ? "true" : "false") +
         ",\"created\":" + quoted(instance.created) +
         ",\"metadata\":" + object(instance.metadata, value_text) +
         ",\"tags\":" + object(instance.tags, tag_text) + "}";
}

Expected<Instance> instance_from_json(std::string_view json) {
  Instance instance;
  if (detail::read_plain_record(json, instance)) return instance;
  instance = zero();
  std::optional<detail::RecordReader> reader(std::in_place, instance);
  if (!read(json, *reader)) {
    instance = zero();
    reader.emplace(instance);
    if (!read(detail::repair_unicode(json), *reader))
      return fail(Errc::kInvalidArgument,
                  "reading a record: this is no JSON, or nested too deeply");
  }
  if (!reader->is_object())
    return fail(Errc::kInvalidArgument, "reading a record: this is JSON, but no object");
  if (!reader->problem().ok()) return fail(reader->problem());
  instance.protocol = detail::protocol_name(instance.protocol);
  return instance;
}

}  // namespace brontes
