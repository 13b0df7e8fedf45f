// google.protobuf.Any in JSON: "@type" may come last, so the members wait until it is known.
#include <algorithm>
#include <brontes/gateway/detail/any_type.hpp>
#include <brontes/gateway/detail/json_sink.hpp>

namespace brontes::detail {
namespace {

using Type = JsonEvent::Type;

// The end of the value that begins there.
std::size_t value_end(const std::vector<JsonEvent>& events, std::size_t at) {
  int open = 0;
  do {
    const Type type = events[at++].type;
    if (type == Type::kStartObject || type == Type::kStartArray) ++open;
    if (type == Type::kEndObject || type == Type::kEndArray) --open;
  } while (open > 0);
  return at;
}

}  // namespace

bool feed(JsonSink& sink, JsonEvent event) {
  switch (event.type) {
    case Type::kScalar:
      return sink.scalar(std::move(event.scalar));
    case Type::kKey:
      return sink.key(event.scalar.text);
    case Type::kStartObject:
      return sink.start_object();
    case Type::kEndObject:
      return sink.end_object();
    case Type::kStartArray:
      return sink.start_array();
    case Type::kEndArray:
      return sink.end_array();
  }
  return false;
}

bool JsonSink::record(JsonEvent event) {
  frames_.back().recorded.push_back(std::move(event));
  return true;
}

bool JsonSink::unpack_any(Frame frame) {
  std::string url;
  std::vector<JsonEvent> members, value;
  int urls = 0;
  auto& events = frame.recorded;
  for (std::size_t at = 0; at < events.size();) {
    const std::string& name = events[at].scalar.text;
    const std::size_t end = value_end(events, at + 1);
    if (name == "@type") {
      if (++urls > 1 || events[at + 1].scalar.kind != JsonScalar::Kind::kString)
        return fault("'@type' must be one string");
      url = events[at + 1].scalar.text;
    } else {
      if (name == "value")
        value.assign(events.begin() + static_cast<long>(at) + 1,
                     events.begin() + static_cast<long>(end));
      members.insert(members.end(), events.begin() + static_cast<long>(at),
                     events.begin() + static_cast<long>(end));
    }
    at = end;
  }
  if (urls == 0) return events.empty() || fault("'@type' is missing");
  const bool is_url = url.find('/') != std::string::npos;
  const Message* prototype = is_url ? any_prototype(url) : nullptr;
  if (!prototype) return fault("'@type' names the unknown type '" + url + "'");
  const std::unique_ptr<Message> inner(prototype->New());
  const bool plain = inner->GetDescriptor()->well_known_type() ==
                     google::protobuf::Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
  if (plain) {
    members.insert(members.begin(), {Type::kStartObject, {}});
    members.push_back({Type::kEndObject, {}});
  } else if (value.empty()) {
    return fault("'value' is missing");
  }
  if (!replay(plain ? members : value, *inner)) return false;
  slot_of(frame.message, 1).put(url);
  slot_of(frame.message, 2).put(inner->SerializeAsString());
  return true;
}

bool JsonSink::replay(const std::vector<JsonEvent>& events, Message& into) {
  // Counts its levels from 0: the whole depth was checked when the events were recorded.
  JsonSink sink(options_, {&into, nullptr}, nullptr, path());
  const bool fed = std::all_of(events.begin(), events.end(),
                               [&](const JsonEvent& event) { return feed(sink, event); });
  if (fed && sink.end()) return true;
  why = sink.why;
  return false;
}

}  // namespace brontes::detail
