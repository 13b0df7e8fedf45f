#include <brontes/gateway/detail/base64.hpp>
#include <brontes/gateway/detail/json_scalar.hpp>
#include <brontes/gateway/detail/time_text.hpp>
#include <cmath>

namespace brontes::detail {
namespace {

using google::protobuf::Descriptor;
using Kind = JsonScalar::Kind;

template <class Integer>
Put put_integer(const FieldSlot& slot, const JsonScalar& scalar) {
  if (scalar.kind != Kind::kNumber && scalar.kind != Kind::kString) return Put::kNoFit;
  const auto value = integer_from_json<Integer>(scalar.text);
  if (!value) return Put::kNoFit;
  slot.put(*value);
  return Put::kDone;
}

Put put_float(const FieldSlot& slot, const JsonScalar& scalar, bool single) {
  if (scalar.kind != Kind::kNumber && scalar.kind != Kind::kString) return Put::kNoFit;
  const auto value = double_from_json(scalar.text);
  if (!value) return Put::kNoFit;
  if (!single) return slot.put(*value), Put::kDone;
  const auto narrow = static_cast<float>(*value);
  if (std::isinf(narrow) && !std::isinf(*value)) return Put::kNoFit;
  slot.put(narrow);
  return Put::kDone;
}

Put put_enum(const FieldSlot& slot, const JsonScalar& scalar) {
  const auto& type = *slot.field->enum_type();
  // Its one value is 0, written as null; another number could not be written.
  const bool only_null = type.full_name() == "google.protobuf.NullValue";
  if (scalar.kind == Kind::kNull && only_null) return slot.put_enum(0), Put::kDone;
  if (scalar.kind == Kind::kNumber) {
    const auto number = integer_from_json<std::int32_t>(scalar.text);
    if (!number || (only_null && *number != 0)) return Put::kNoFit;
    return slot.put_enum(*number), Put::kDone;
  }
  if (scalar.kind != Kind::kString) return Put::kNoFit;
  const auto* value = type.FindValueByName(scalar.text);
  if (!value) return Put::kUnknownName;
  return slot.put_enum(value->number()), Put::kDone;
}

Put put_text(const FieldSlot& slot, JsonScalar&& scalar) {
  if (scalar.kind != Kind::kString) return Put::kNoFit;
  if (slot.field->type() != FieldDescriptor::TYPE_BYTES)
    return slot.put(std::move(scalar.text)), Put::kDone;
  auto bytes = decode_base64(scalar.text);
  if (!bytes) return Put::kNoFit;
  return slot.put(std::move(*bytes)), Put::kDone;
}

Put put_time(const FieldSlot& slot, const JsonScalar& scalar,
             std::optional<SecondsNanos> (*read)(std::string_view)) {
  if (scalar.kind != Kind::kString) return Put::kNoFit;
  const auto time = read(scalar.text);
  if (!time) return Put::kNoFit;
  Message* message = slot.open();
  slot_of(message, 1).put(time->seconds);
  slot_of(message, 2).put(time->nanos);
  return Put::kDone;
}

Put put_mask(const FieldSlot& slot, const JsonScalar& scalar) {
  if (scalar.kind != Kind::kString) return Put::kNoFit;
  std::vector<std::string> paths;
  for (std::string_view rest = scalar.text; !rest.empty();) {
    const auto comma = rest.find(',');
    auto path = mask_path_from_json(rest.substr(0, comma));
    if (!path || comma + 1 == rest.size()) return Put::kNoFit;
    paths.push_back(std::move(*path));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  Message* message = slot.open();
  for (std::string& path : paths) slot_of(message, 1).put(std::move(path));
  return Put::kDone;
}

// Fields of google.protobuf.Value by number: null 1, number 2, string 3, bool 4.
Put put_value(const FieldSlot& slot, JsonScalar&& scalar) {
  std::optional<double> number;
  if (scalar.kind == Kind::kNumber && !(number = double_from_json(scalar.text))) return Put::kNoFit;
  Message* message = slot.open();
  switch (scalar.kind) {
    case Kind::kNull:
      slot_of(message, 1).put_enum(0);
      break;
    case Kind::kNumber:
      slot_of(message, 2).put(*number);
      break;
    case Kind::kString:
      slot_of(message, 3).put(std::move(scalar.text));
      break;
    case Kind::kBool:
      slot_of(message, 4).put(scalar.truth);
      break;
  }
  return Put::kDone;
}

Put put_wrapper(const FieldSlot& slot, JsonScalar&& scalar) {
  if (scalar.kind == Kind::kNull) return Put::kNoFit;
  Message* message = slot.open();
  return put_scalar(slot_of(message, 1), std::move(scalar));
}

Put put_message(const FieldSlot& slot, JsonScalar&& scalar) {
  switch (slot.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return Put::kNoFit;
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return put_time(slot, scalar, timestamp_from_text);
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return put_time(slot, scalar, duration_from_text);
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return put_mask(slot, scalar);
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return put_value(slot, std::move(scalar));
    default:
      return put_wrapper(slot, std::move(scalar));
  }
}

std::string expected_message(const Descriptor& type) {
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return "a timestamp (RFC 3339)";
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return "a duration (\"1.5s\")";
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return "a field mask (\"a,b.c\")";
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return "a value";
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return "an array";
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return "an object";
    default:
      return expected({nullptr, type.FindFieldByNumber(1)});
  }
}

}  // namespace

std::string JsonScalar::to_string() const {
  switch (kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return truth ? "true" : "false";
    default:
      break;
  }
  constexpr std::size_t kShown = 40;
  const std::string shown = text.size() > kShown ? text.substr(0, kShown) + "..." : text;
  return kind == Kind::kString ? '"' + shown + '"' : shown;
}

Put put_scalar(const FieldSlot& slot, JsonScalar&& scalar) {
  if (slot.message_type()) return put_message(slot, std::move(scalar));
  switch (slot.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put_integer<std::int32_t>(slot, scalar);
    case FieldDescriptor::CPPTYPE_INT64:
      return put_integer<std::int64_t>(slot, scalar);
    case FieldDescriptor::CPPTYPE_UINT32:
      return put_integer<std::uint32_t>(slot, scalar);
    case FieldDescriptor::CPPTYPE_UINT64:
      return put_integer<std::uint64_t>(slot, scalar);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return put_float(slot, scalar, true);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put_float(slot, scalar, false);
    case FieldDescriptor::CPPTYPE_ENUM:
      return put_enum(slot, scalar);
    case FieldDescriptor::CPPTYPE_STRING:
      return put_text(slot, std::move(scalar));
    case FieldDescriptor::CPPTYPE_BOOL:
      if (scalar.kind != Kind::kBool) return Put::kNoFit;
      return slot.put(scalar.truth), Put::kDone;
    default:
      return Put::kNoFit;
  }
}

std::string expected(const FieldSlot& slot) {
  if (slot.message_type()) return expected_message(*slot.message_type());
  switch (slot.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return "an integer of 32 bits";
    case FieldDescriptor::CPPTYPE_INT64:
      return "an integer of 64 bits";
    case FieldDescriptor::CPPTYPE_UINT32:
      return "an unsigned integer of 32 bits";
    case FieldDescriptor::CPPTYPE_UINT64:
      return "an unsigned integer of 64 bits";
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return "a number";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return "a value of " + slot.field->enum_type()->full_name();
    default:
      return slot.field->type() == FieldDescriptor::TYPE_BYTES ? "base64" : "a string";
  }
}

}  // namespace brontes::detail
