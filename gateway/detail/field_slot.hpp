// Puts one value into a field: sets a singular one, adds to a repeated one.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <utility>

namespace brontes::detail {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

/// A place for one value. Without a field it is the message itself.
struct FieldSlot {
  Message* message = nullptr;
  const FieldDescriptor* field = nullptr;

  void put(std::int32_t v) const { call(&R::SetInt32, &R::AddInt32, v); }
  void put(std::int64_t v) const { call(&R::SetInt64, &R::AddInt64, v); }
  void put(std::uint32_t v) const { call(&R::SetUInt32, &R::AddUInt32, v); }
  void put(std::uint64_t v) const { call(&R::SetUInt64, &R::AddUInt64, v); }
  void put(float v) const { call(&R::SetFloat, &R::AddFloat, v); }
  void put(double v) const { call(&R::SetDouble, &R::AddDouble, v); }
  void put(bool v) const { call(&R::SetBool, &R::AddBool, v); }
  void put(std::string v) const { call(&R::SetString, &R::AddString, std::move(v)); }
  void put_enum(int v) const { call(&R::SetEnumValue, &R::AddEnumValue, v); }

  /// The message to be filled: made present, or added.
  Message* open() const {
    if (!field) return message;
    const R& reflection = *message->GetReflection();
    return field->is_repeated() ? reflection.AddMessage(message, field)
                                : reflection.MutableMessage(message, field);
  }
  /// What open() would return the type of; null for scalars.
  const google::protobuf::Descriptor* message_type() const {
    return field ? field->message_type() : message->GetDescriptor();
  }

 private:
  using R = google::protobuf::Reflection;
  template <class Set, class Add, class V>
  void call(Set set, Add add, V value) const {
    const R* reflection = message->GetReflection();
    if (field->is_repeated())
      (reflection->*add)(message, field, std::move(value));
    else
      (reflection->*set)(message, field, std::move(value));
  }
};

/// The key of a map entry as text, the same for all spellings ("1", "1.0"); `written` is what was
/// put there.
inline std::string key_text(const FieldSlot& key, const std::string& written) {
  const auto& reflection = *key.message->GetReflection();
  switch (key.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection.GetInt32(*key.message, key.field));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(*key.message, key.field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(reflection.GetUInt32(*key.message, key.field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(reflection.GetUInt64(*key.message, key.field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(*key.message, key.field) ? "true" : "false";
    default:
      return written;
  }
}

/// The field with that number, of a well-known type.
inline FieldSlot slot_of(Message* message, int number) {
  return {message, message->GetDescriptor()->FindFieldByNumber(number)};
}

}  // namespace brontes::detail
