#include <algorithm>
#include <brontes/gateway/detail/base64.hpp>
#include <brontes/gateway/detail/text_value.hpp>
#include <brontes/gateway/detail/time_text.hpp>
#include <brontes/gateway/json_reader.hpp>
#include <brontes/gateway/percent.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace brontes::detail {
namespace {

using google::protobuf::Descriptor;

template <class Integer>
std::optional<Integer> digits_of(std::string_view text, int base, bool negative) {
  std::string signed_text = negative ? "-" : "";
  signed_text += text;
  Integer value = 0;
  const char* end = signed_text.data() + signed_text.size();
  const auto read = std::from_chars(signed_text.data(), end, value, base);
  if (text.empty() || text.front() == '-' || read.ec != std::errc() || read.ptr != end) return {};
  return value;
}

template <class Integer>
std::optional<Integer> integer(std::string_view text, TextStyle style) {
  const bool has_sign = !text.empty() && (text.front() == '-' || text.front() == '+');
  if (has_sign && !std::numeric_limits<Integer>::is_signed) return {};
  const bool negative = has_sign && text.front() == '-';
  if (has_sign) text.remove_prefix(1);
  if (style != TextStyle::kPath) return digits_of<Integer>(text, 10, negative);
  std::string plain(text);
  if (plain.find("__") != std::string::npos || plain.ends_with('_') || plain.starts_with('_'))
    return {};
  std::erase(plain, '_');
  std::string_view digits = plain;
  int base = 10;
  if (digits.size() > 1 && digits.front() == '0') {
    const char mark = static_cast<char>(digits[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    digits.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  }
  return digits_of<Integer>(digits, base, negative);
}

bool same_word(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

std::optional<double> number(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  double value = 0;
  if (same_word(text, "inf") || same_word(text, "infinity")) {
    value = std::numeric_limits<double>::infinity();
  } else if (same_word(text, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    const bool hex = text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
    const std::string_view digits = hex ? text.substr(2) : text;
    if (digits.empty() || digits.front() == '-' || (digits.front() | 0x20) == 'i' ||
        (!hex && (digits.front() | 0x20) == 'n'))
      return {};
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value,
                                      hex ? std::chars_format::hex : std::chars_format::general);
    if (read.ptr != end || read.ec == std::errc::invalid_argument) return {};
    if (read.ec != std::errc()) value = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isinf(value)) return {};
  }
  return negative ? -value : value;
}

std::optional<bool> truth(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"})
    if (text == yes) return true;
  for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"})
    if (text == no) return false;
  return {};
}

template <class T>
bool put(const FieldSlot& slot, std::optional<T> value) {
  if (value) slot.put(std::move(*value));
  return value.has_value();
}

bool put_float(const FieldSlot& slot, std::optional<double> value) {
  if (!value) return false;
  const auto narrow = static_cast<float>(*value);
  if (std::isinf(narrow) && !std::isinf(*value)) return false;
  slot.put(narrow);
  return true;
}

bool put_enum(const FieldSlot& slot, std::string_view text) {
  const auto& type = *slot.field->enum_type();
  const auto* value = type.FindValueByName(std::string(text));
  if (const auto number =
          digits_of<int>(text.substr(text.starts_with('-') ? 1 : 0), 10, text.starts_with('-'));
      !value && number)
    value = type.FindValueByNumber(*number);
  if (value) slot.put_enum(value->number());
  return value != nullptr;
}

bool put_time(const FieldSlot& slot, std::optional<SecondsNanos> time) {
  if (!time) return false;
  Message* message = slot.open();
  slot_of(message, 1).put(time->seconds);
  slot_of(message, 2).put(time->nanos);
  return true;
}

bool put_mask(const FieldSlot& slot, std::string_view text) {
  if (!is_utf8(text)) return false;
  Message* message = slot.open();
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    slot_of(message, 1).put(std::string(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return true;
}

bool put_message(const FieldSlot& slot, std::string_view text, TextStyle style) {
  const bool query = style == TextStyle::kQuery;
  const bool quoted = text.size() > 1 && text.front() == '"' && text.back() == '"';
  const std::string_view bare = quoted && !query ? text.substr(1, text.size() - 2) : text;
  switch (slot.message_type()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return false;
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return put_time(slot, timestamp_from_text(bare));
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return put_time(slot, query ? duration_from_units(bare) : duration_from_text(bare));
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return put_mask(slot, text);
    case Descriptor::WELLKNOWNTYPE_VALUE:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return read_json(text, {}, *slot.open()).ok();
    default:
      return put_text(slot_of(slot.open(), 1), text, query ? style : TextStyle::kNestedPath);
  }
}

}  // namespace

bool put_text(const FieldSlot& slot, std::string_view text, TextStyle style) {
  switch (slot.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put(slot, integer<std::int32_t>(text, style));
    case FieldDescriptor::CPPTYPE_INT64:
      return put(slot, integer<std::int64_t>(text, style));
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(slot, integer<std::uint32_t>(text, style));
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(slot, integer<std::uint64_t>(text, style));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return put(slot, number(text));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return put_float(slot, number(text));
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(slot, truth(text));
    case FieldDescriptor::CPPTYPE_ENUM:
      return put_enum(slot, text);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return put_message(slot, text, style);
    case FieldDescriptor::CPPTYPE_STRING:
      break;
  }
  if (slot.field->type() == FieldDescriptor::TYPE_BYTES)
    return put(slot, decode_base64(text, Base64::kPadded));
  if (!is_utf8(text)) return false;
  slot.put(std::string(text));
  return true;
}

}  // namespace brontes::detail
