#include <algorithm>
#include <brontes/gateway/detail/json_scalar.hpp>
#include <brontes/gateway/detail/message_levels.hpp>
#include <brontes/gateway/detail/text_value.hpp>
#include <brontes/gateway/query_binding.hpp>
#include <optional>
#include <set>

namespace brontes {
namespace {

using detail::FieldDescriptor;
using detail::FieldSlot;
using detail::Message;
using detail::TextStyle;

Status misfit(const char* what, std::string_view name, const std::string& why) {
  return {Errc::kInvalidArgument, std::string(what) + " '" + std::string(name) + "': " + why};
}

std::string expectation(const FieldSlot& slot, std::string_view value) {
  return "expected " + detail::expected(slot) + ", got " +
         detail::JsonScalar{detail::JsonScalar::Kind::kString, false, std::string(value)}
             .to_string();
}

// As JSON's default: what is printed later, and destroyed, recurses.
constexpr int kMaxDepth = 100;

// The value that was put there last nests as much as protobuf parses: a Value is JSON.
bool fits(const FieldSlot& slot, int messages_around) {
  if (!slot.field->message_type()) return true;
  const auto& reflection = *slot.message->GetReflection();
  const Message& value =
      slot.field->is_repeated()
          ? reflection.GetRepeatedMessage(*slot.message, slot.field,
                                          reflection.FieldSize(*slot.message, slot.field) - 1)
          : reflection.GetMessage(*slot.message, slot.field);
  return detail::nests_at_most(value, detail::kMostLevels - messages_around - 1);
}

bool is_below(std::string_view path, std::string_view bound) {
  return !bound.empty() && path.substr(0, bound.size()) == bound &&
         (path.size() == bound.size() || path[bound.size()] == '.');
}

const FieldDescriptor* field_of(const Message& message, const std::string& name) {
  const auto& type = *message.GetDescriptor();
  if (const auto* field = type.FindFieldByName(name)) return field;
  for (int i = 0; i < type.field_count(); ++i)
    if (type.field(i)->json_name() == name) return type.field(i);
  return nullptr;
}

class QueryBinder {
 public:
  QueryBinder(Message& message, const BoundFields& bound) : message_(message), bound_(bound) {}

  Status bind(std::string_view name, std::string_view value) {
    std::optional<std::string_view> key;
    const std::string_view whole = name;
    if (const auto bracket = name.rfind('[');
        bracket != std::string_view::npos && name.ends_with(']')) {
      key = name.substr(bracket + 1, name.size() - bracket - 2);
      name = name.substr(0, bracket);
    }
    std::string why;
    const auto slot = find(name, why);
    if (!slot) return why.empty() ? Status() : misfit("parameter", whole, why);
    why = put(*slot, key, value);
    if (why.empty() && !fits(*slot, around_)) why = detail::nested_too_deep();
    return why.empty() ? Status() : misfit("parameter", whole, why);
  }

 private:
  // Nothing without a reason: the parameter is to be skipped.
  std::optional<FieldSlot> find(std::string_view name, std::string& why) {
    if (is_bound(name)) return {};
    FieldSlot slot{&message_, nullptr};
    path_.clear();
    for (int depth = 0;; ++depth) {
      const auto dot = name.find('.');
      if (depth == kMaxDepth) {
        why = "it is nested deeper than " + std::to_string(kMaxDepth);
        return {};
      }
      slot.field = field_of(*slot.message, std::string(name.substr(0, dot)));
      if (!slot.field) return {};
      path_ += (path_.empty() ? "" : ".") + slot.field->name();
      around_ = depth;
      if (dot == std::string_view::npos) break;
      if (!slot.field->message_type() || slot.field->is_repeated()) {
        why = "'" + path_ + "' has no fields that could be addressed";
        return {};
      }
      if (is_bound(path_)) return {};
      if (!is_free(slot, why)) return {};
      slot = {slot.open(), nullptr};
      name.remove_prefix(dot + 1);
    }
    if (is_bound(path_)) return {};
    return slot;
  }

  bool is_bound(std::string_view path) const {
    if (is_below(path, bound_.body)) return true;
    return bound_.path &&
           std::any_of(bound_.path->begin(), bound_.path->end(),
                       [&](const auto& entry) { return is_below(path, entry.first); });
  }

  // No other member of its oneof is set.
  static bool is_free(const FieldSlot& slot, std::string& why) {
    const auto* oneof = slot.field->real_containing_oneof();
    const auto* reflection = slot.message->GetReflection();
    const auto* other = oneof ? reflection->GetOneofFieldDescriptor(*slot.message, oneof) : nullptr;
    if (!other || other == slot.field) return true;
    why = "the oneof '" + oneof->name() + "' has the member '" + other->name() + "' already";
    return false;
  }

  std::string put(FieldSlot slot, std::optional<std::string_view> key, std::string_view value) {
    std::string why;
    if (slot.field->is_map() != key.has_value())
      return slot.field->is_map() ? "a map is written '" + path_ + "[key]'" : "it is no map";
    if (key) return put_entry(slot, *key, value);
    if (!slot.field->is_repeated() && !seen_.insert(path_).second) return "it is there twice";
    if (!is_free(slot, why)) return why;
    return detail::put_text(slot, value, TextStyle::kQuery) ? "" : expectation(slot, value);
  }

  std::string put_entry(const FieldSlot& slot, std::string_view key, std::string_view value) {
    Message* entry = slot.open();
    const FieldSlot key_slot{entry, slot.field->message_type()->map_key()};
    const FieldSlot value_slot{entry, slot.field->message_type()->map_value()};
    if (!detail::put_text(key_slot, key, TextStyle::kQuery)) return expectation(key_slot, key);
    if (!seen_.insert(path_ + '[' + key_text(key_slot, std::string(key))).second)
      return "the key is there twice";
    return detail::put_text(value_slot, value, TextStyle::kQuery) ? ""
                                                                  : expectation(value_slot, value);
  }

  Message& message_;
  const BoundFields& bound_;
  int around_ = 0;              // messages around that field, without the whole
  std::string path_;            // of the field that was found, in proto names
  std::set<std::string> seen_;  // singular fields and map entries
};

}  // namespace

Status bind_path_value(Message& message, std::string_view field_path, std::string_view value) {
  FieldSlot slot{&message, nullptr};
  std::string_view rest = field_path;
  for (;;) {
    const auto dot = rest.find('.');
    slot.field = slot.message->GetDescriptor()->FindFieldByName(std::string(rest.substr(0, dot)));
    if (!slot.field) return misfit("path variable", field_path, "no such field");
    if (dot == std::string_view::npos) break;
    if (!slot.field->message_type() || slot.field->is_repeated())
      return misfit("path variable", field_path, "'" + slot.field->name() + "' has no fields");
    slot = {slot.open(), nullptr};
    rest.remove_prefix(dot + 1);
  }
  slot.message->GetReflection()->ClearField(slot.message, slot.field);
  const auto style = rest.size() == field_path.size() ? TextStyle::kPath : TextStyle::kNestedPath;
  for (;;) {
    const auto comma = slot.field->is_repeated() ? value.find(',') : std::string_view::npos;
    const std::string_view part = value.substr(0, comma);
    if (!detail::put_text(slot, part, style))
      return misfit("path variable", field_path, expectation(slot, part));
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
  const auto around = std::count(field_path.begin(), field_path.end(), '.');
  return fits(slot, static_cast<int>(around))
             ? Status()
             : misfit("path variable", field_path, detail::nested_too_deep());
}

Status bind_query(Message& message, const FormPairs& parameters, const BoundFields& bound) {
  QueryBinder binder(message, bound);
  for (const auto& [name, value] : parameters)
    if (Status status = binder.bind(name, value); !status.ok()) return status;
  return {};
}

}  // namespace brontes
