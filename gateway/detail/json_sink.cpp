#include <algorithm>
#include <brontes/gateway/detail/json_sink.hpp>
#include <brontes/gateway/detail/message_levels.hpp>

namespace brontes::detail {
namespace {

using google::protobuf::Descriptor;

// An object in a Value is a Value, a Struct and an entry of its map: no bracket nests more.
constexpr int kLevelsOfABracket = 3;

const FieldDescriptor* field_of(const Descriptor& type, const std::string& name) {
  if (const auto* field = type.FindFieldByName(name)) return field;
  const auto* field = type.FindFieldByCamelcaseName(name);
  if (field && field->json_name() == name) return field;
  for (int i = 0; i < type.field_count(); ++i)
    if (type.field(i)->has_json_name() && type.field(i)->json_name() == name) return type.field(i);
  return nullptr;
}

bool takes_null(const FieldDescriptor& field) {
  if (field.is_repeated()) return false;
  if (field.enum_type()) return field.enum_type()->full_name() == "google.protobuf.NullValue";
  return field.message_type() &&
         field.message_type()->well_known_type() == Descriptor::WELLKNOWNTYPE_VALUE;
}

}  // namespace

bool JsonSink::fault(const std::string& what) {
  if (why.empty()) why = path().empty() ? what : path() + ": " + what;
  return false;
}

std::string JsonSink::path() const {
  std::string text = place_;
  for (const Frame& frame : frames_) {
    if (frame.kind == Kind::kList) text += '[' + std::to_string(frame.index) + ']';
    if (frame.kind == Kind::kMap) text += "[\"" + frame.key + "\"]";
    if (frame.kind != Kind::kMessage || frame.key.empty()) continue;
    if (!text.empty()) text += '.';
    text += frame.key;
  }
  return text;
}

// Where the value goes that begins now.
bool JsonSink::next_place(Place& place) {
  if (frames_.empty()) {
    place.slot = root_;
    place.whole = root_.field && root_.field->is_repeated();
    return true;
  }
  Frame& frame = frames_.back();
  place.slot = {frame.message, frame.field};
  if (frame.kind == Kind::kMessage) {
    place.skip = !frame.field;
    place.whole = frame.field && frame.field->is_repeated();
  } else if (frame.kind == Kind::kList) {
    ++frame.index;
  } else {  // a map: the entry is made now, when it is known that a value comes
    const auto& entry = *frame.field->message_type();
    Message* made = frame.message->GetReflection()->AddMessage(frame.message, frame.field);
    place.slot = {made, entry.map_value()};
    return map_key(frame, {made, entry.map_key()});
  }
  return true;
}

bool JsonSink::map_key(Frame& frame, FieldSlot key) {
  JsonScalar text{JsonScalar::Kind::kString, false, frame.key};
  if (key.field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL && text.text != "true" &&
      text.text != "false")
    return fault("expected true or false as key");
  if (key.field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL)
    text = {JsonScalar::Kind::kBool, text.text == "true", {}};
  if (put_scalar(key, std::move(text)) != Put::kDone)
    return fault("expected " + expected(key) + " as key");
  if (!frame.keys.insert(key_text(key, frame.key)).second) return fault("the key is there twice");
  return true;
}

bool JsonSink::member(Frame& frame, std::string& name) {
  frame.field = field_of(*frame.message->GetDescriptor(), name);
  frame.key = std::move(name);
  if (!frame.field)
    return (options_.ignore_unknown && !leaves_) ||
           fault("no such field in " + frame.message->GetDescriptor()->full_name());
  const int index = frame.field->index();
  const bool first =
      index < 64 ? !(frame.seen >> index & 1) : frame.keys.insert(frame.field->name()).second;
  if (index < 64) frame.seen |= std::uint64_t{1} << index;
  return first || fault("the field is there twice");
}

bool JsonSink::key(std::string& name) {
  Frame& frame = frames_.back();
  if (frame.kind == Kind::kMessage) return member(frame, name);
  if (frame.kind == Kind::kAny)
    return record({JsonEvent::Type::kKey, {JsonScalar::Kind::kString, false, std::move(name)}});
  if (frame.kind == Kind::kMap) frame.key = std::move(name);
  return true;
}

bool JsonSink::scalar(JsonScalar value) {
  if (!frames_.empty() && frames_.back().kind == Kind::kSkip) return true;
  if (!frames_.empty() && frames_.back().kind == Kind::kAny)
    return record({JsonEvent::Type::kScalar, std::move(value)});
  Place place;
  if (!next_place(place)) return false;
  if (place.skip) return true;
  leaf();
  const bool is_member = !frames_.empty() && frames_.back().kind == Kind::kMessage;
  if (is_member && value.kind == JsonScalar::Kind::kNull && !takes_null(*place.slot.field))
    return true;
  if (is_member && !dropped(place)) return false;
  if (place.whole)
    return fault(std::string("expected ") +
                 (place.slot.field->is_map() ? "an object" : "an array") + ", got " +
                 value.to_string());
  const std::string shown = value.to_string();
  switch (put_scalar(place.slot, std::move(value))) {
    case Put::kDone:
      return true;
    case Put::kNoFit:
      break;
    case Put::kUnknownName:
      if (!options_.ignore_unknown) break;
      if (!frames_.empty() && frames_.back().kind == Kind::kMap)
        frames_.back().message->GetReflection()->RemoveLast(frames_.back().message,
                                                            frames_.back().field);
      return true;
  }
  return fault("expected " + expected(place.slot) + ", got " + shown);
}

// A second member of a oneof must not drop the first one silently.
bool JsonSink::dropped(const Place& place) {
  const auto* oneof = place.slot.field->real_containing_oneof();
  if (!oneof || !place.slot.message->GetReflection()->HasOneof(*place.slot.message, oneof))
    return true;
  return fault("the oneof '" + oneof->name() + "' has a member already");
}

bool JsonSink::open(Frame frame) {
  if (++depth_ > options_.max_depth) return fault("nested too deep");
  deepest_ = std::max(deepest_, depth_);
  frame.leaves = leaves_ ? leaves_->size() : 0;
  frames_.push_back(std::move(frame));
  return true;
}

bool JsonSink::start_object() {
  if (!frames_.empty() &&
      (frames_.back().kind == Kind::kSkip || frames_.back().kind == Kind::kAny)) {
    if (++depth_ > options_.max_depth) return fault("nested too deep");
    ++frames_.back().inner;
    return frames_.back().kind == Kind::kSkip || record({JsonEvent::Type::kStartObject, {}});
  }
  Place place;
  if (!next_place(place)) return false;
  if (place.skip) return open({Kind::kSkip});
  if (!frames_.empty() && frames_.back().kind == Kind::kMessage && !dropped(place)) return false;
  if (place.whole) {
    if (!place.slot.field->is_map()) return fault("expected an array, got an object");
    leaf();
    return open({Kind::kMap, place.slot.message, place.slot.field});
  }
  return open_object(place.slot);
}

bool JsonSink::open_object(const FieldSlot& slot) {
  const Descriptor* type = slot.message_type();
  if (!type) return fault("expected " + expected(slot) + ", got an object");
  switch (type->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
      return open({Kind::kMessage, slot.open()});
    case Descriptor::WELLKNOWNTYPE_ANY:
      return open({Kind::kAny, slot.open()});
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      leaf();
      return open({Kind::kMap, slot.open(), type->FindFieldByNumber(1)});
    case Descriptor::WELLKNOWNTYPE_VALUE: {
      leaf();
      Message* fields = slot_of(slot.open(), 5).open();
      return open({Kind::kMap, fields, fields->GetDescriptor()->FindFieldByNumber(1)});
    }
    default:
      return fault("expected " + expected(slot) + ", got an object");
  }
}

bool JsonSink::start_array() {
  if (!frames_.empty() &&
      (frames_.back().kind == Kind::kSkip || frames_.back().kind == Kind::kAny)) {
    if (++depth_ > options_.max_depth) return fault("nested too deep");
    ++frames_.back().inner;
    return frames_.back().kind == Kind::kSkip || record({JsonEvent::Type::kStartArray, {}});
  }
  Place place;
  if (!next_place(place)) return false;
  if (place.skip) return open({Kind::kSkip});
  if (!frames_.empty() && frames_.back().kind == Kind::kMessage && !dropped(place)) return false;
  leaf();
  if (place.whole && !place.slot.field->is_map())
    return open({Kind::kList, place.slot.message, place.slot.field});
  const Descriptor* type = place.whole ? nullptr : place.slot.message_type();
  const auto known = type ? type->well_known_type() : Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
  if (known != Descriptor::WELLKNOWNTYPE_LISTVALUE && known != Descriptor::WELLKNOWNTYPE_VALUE)
    return fault("expected " + (place.whole ? "an object" : expected(place.slot)) +
                 ", got an array");
  Message* list = place.slot.open();
  if (known == Descriptor::WELLKNOWNTYPE_VALUE) list = slot_of(list, 6).open();
  return open({Kind::kList, list, list->GetDescriptor()->FindFieldByNumber(1)});
}

bool JsonSink::close() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  --depth_;
  if (frame.kind == Kind::kAny) return unpack_any(std::move(frame));
  // {} is a leaf itself.
  if (leaves_ && frame.kind == Kind::kMessage && frame.leaves == leaves_->size()) leaf();
  return true;
}

bool JsonSink::end_object() {
  Frame& frame = frames_.back();
  if (frame.inner == 0) return close();
  --frame.inner;
  --depth_;
  return frame.kind == Kind::kSkip || record({JsonEvent::Type::kEndObject, {}});
}

bool JsonSink::end_array() {
  Frame& frame = frames_.back();
  if (frame.inner == 0) return close();
  --frame.inner;
  --depth_;
  return frame.kind == Kind::kSkip || record({JsonEvent::Type::kEndArray, {}});
}

// Counting costs, and most messages are so flat that there is nothing to count.
bool JsonSink::end() {
  if (kLevelsOfABracket * deepest_ + 1 <= kMostLevels) return true;
  return nests_at_most(*root_.message, kMostLevels) || fault(nested_too_deep());
}

// Only members of messages have paths; what is inside of lists and maps belongs to those.
void JsonSink::leaf() {
  if (!leaves_ || frames_.empty()) return;
  std::string path;
  for (const Frame& frame : frames_) {
    if (frame.kind != Kind::kMessage) return;
    path += (path.empty() ? "" : ".") + frame.field->name();
  }
  leaves_->push_back(std::move(path));
}

}  // namespace brontes::detail
