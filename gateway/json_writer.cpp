#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>

#include <brontes/gateway/detail/any_type.hpp>
#include <brontes/gateway/detail/base64.hpp>
#include <brontes/gateway/detail/json_field.hpp>
#include <brontes/gateway/detail/json_text.hpp>
#include <brontes/gateway/detail/time_text.hpp>
#include <brontes/gateway/json_writer.hpp>
#include <memory>
#include <optional>

namespace brontes {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

class Writer {
 public:
  Writer(const JsonOptions& options, std::string& out) : options_(options), out_(out) {}

  bool message(const Message& m) {
    // A Value has no brackets of its own.
    const int level =
        m.GetDescriptor()->well_known_type() == Descriptor::WELLKNOWNTYPE_VALUE ? 0 : 1;
    if (depth_ + level > options_.max_depth) return fault(m, "is nested too deep");
    depth_ += level;
    const auto known = well_known(m);
    const bool ok = known ? *known : plain(m);
    depth_ -= level;
    return ok;
  }

  bool field(const Message& m, const FieldDescriptor& f);
  std::string why;

 private:
  /// Whether a well-known type was printed; nothing for other messages.
  std::optional<bool> well_known(const Message& m);
  bool plain(const Message& m) {
    out_ += '{';
    bool first = true;
    return members(m, first) && (out_ += '}', true);
  }
  bool members(const Message& m, bool& first);
  bool list(const Message& m, const FieldDescriptor& f);
  bool map(const Message& m, const FieldDescriptor& f);
  bool scalar(const Message& m, const FieldDescriptor& f, int index, bool as_key = false);
  void enum_value(const FieldDescriptor& f, int value);
  void text_or_bytes(const FieldDescriptor& f, const std::string& text);
  bool any(const Message& m);
  bool unpack(const std::string& bytes, Message& inner) const;
  bool value(const Message& m);
  bool mask(const Message& m);
  bool time(const Message& m, bool (*append)(detail::SecondsNanos, std::string&));

  void name(std::string_view text, bool& first) {
    if (!first) out_ += ',';
    first = false;
    write_json_string(text, out_);
    out_ += ':';
  }
  bool fault(const Message& m, const std::string& what) {
    if (why.empty()) why = m.GetDescriptor()->full_name() + " " + what;
    return false;
  }
  const FieldDescriptor& number(const Message& m, int number) const {
    return *m.GetDescriptor()->FindFieldByNumber(number);
  }

  const JsonOptions& options_;
  std::string& out_;
  int depth_ = 0;
};

bool is_null_value(const FieldDescriptor& f) {
  return f.enum_type() && f.enum_type()->full_name() == "google.protobuf.NullValue";
}

bool Writer::members(const Message& m, bool& first) {
  const Descriptor& type = *m.GetDescriptor();
  const Reflection& reflection = *m.GetReflection();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& f = *type.field(i);
    const bool set = f.is_repeated() ? reflection.FieldSize(m, &f) > 0 : reflection.HasField(m, &f);
    if (!set && (!options_.print_unset || f.containing_oneof())) continue;
    name(options_.proto_names ? f.name() : f.json_name(), first);
    if (!set && f.message_type() && !f.is_repeated())
      out_ += "null";
    else if (!field(m, f))
      return false;
  }
  return true;
}

bool Writer::field(const Message& m, const FieldDescriptor& f) {
  if (f.is_map()) return map(m, f);
  return f.is_repeated() ? list(m, f) : scalar(m, f, -1);
}

bool Writer::list(const Message& m, const FieldDescriptor& f) {
  out_ += '[';
  const int size = m.GetReflection()->FieldSize(m, &f);
  for (int i = 0; i < size; ++i) {
    if (i > 0) out_ += ',';
    if (!scalar(m, f, i)) return false;
  }
  out_ += ']';
  return true;
}

bool Writer::map(const Message& m, const FieldDescriptor& f) {
  out_ += '{';
  const int size = m.GetReflection()->FieldSize(m, &f);
  for (int i = 0; i < size; ++i) {
    if (i > 0) out_ += ',';
    const Message& entry = m.GetReflection()->GetRepeatedMessage(m, &f, i);
    scalar(entry, *f.message_type()->map_key(), -1, true);
    out_ += ':';
    if (!scalar(entry, *f.message_type()->map_value(), -1)) return false;
  }
  out_ += '}';
  return true;
}

// One value of any type; index -1: of a singular field. Keys are strings whatever their type.
bool Writer::scalar(const Message& m, const FieldDescriptor& f, int index, bool as_key) {
  const Reflection& r = *m.GetReflection();
  const bool one = index < 0;
  switch (f.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: {
      const bool yes = one ? r.GetBool(m, &f) : r.GetRepeatedBool(m, &f, index);
      out_ += as_key ? (yes ? "\"true\"" : "\"false\"") : (yes ? "true" : "false");
      return true;
    }
    case FieldDescriptor::CPPTYPE_ENUM:
      enum_value(f, one ? r.GetEnumValue(m, &f) : r.GetRepeatedEnumValue(m, &f, index));
      return true;
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      text_or_bytes(f, one ? r.GetStringReference(m, &f, &scratch)
                           : r.GetRepeatedStringReference(m, &f, index, &scratch));
      return true;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return message(one ? r.GetMessage(m, &f) : r.GetRepeatedMessage(m, &f, index));
    default:
      detail::append_number(m, f, index, as_key, out_);
      return true;
  }
}

void Writer::enum_value(const FieldDescriptor& f, int value) {
  const auto* known = f.enum_type()->FindValueByNumber(value);
  if (is_null_value(f))
    out_ += "null";
  else if (known && !options_.enum_numbers)
    write_json_string(known->name(), out_);
  else
    detail::append_integer(value, false, out_);
}

void Writer::text_or_bytes(const FieldDescriptor& f, const std::string& text) {
  if (f.type() != FieldDescriptor::TYPE_BYTES) return write_json_string(text, out_);
  out_ += '"';
  detail::append_base64(text, out_);
  out_ += '"';
}

std::optional<bool> Writer::well_known(const Message& m) {
  switch (m.GetDescriptor()->well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
      return {};
    case Descriptor::WELLKNOWNTYPE_ANY:
      return any(m);
    case Descriptor::WELLKNOWNTYPE_FIELDMASK:
      return mask(m);
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return time(m, detail::append_timestamp);
    case Descriptor::WELLKNOWNTYPE_DURATION:
      return time(m, detail::append_duration);
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return value(m);
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return map(m, number(m, 1));
    default:
      return field(m, number(m, 1));  // wrappers and ListValue
  }
}

bool Writer::time(const Message& m, bool (*append)(detail::SecondsNanos, std::string&)) {
  const Reflection& r = *m.GetReflection();
  out_ += '"';
  if (!append({r.GetInt64(m, &number(m, 1)), r.GetInt32(m, &number(m, 2))}, out_))
    return fault(m, "is out of range");
  out_ += '"';
  return true;
}

bool Writer::mask(const Message& m) {
  const FieldDescriptor& paths = number(m, 1);
  const int size = m.GetReflection()->FieldSize(m, &paths);
  std::string text;
  for (int i = 0; i < size; ++i) {
    const auto path = detail::mask_path_to_json(m.GetReflection()->GetRepeatedString(m, &paths, i));
    if (!path) return fault(m, "has a path without a JSON form");
    text += (i > 0 ? "," : "") + *path;
  }
  write_json_string(text, out_);
  return true;
}

bool Writer::value(const Message& m) {
  const auto* oneof = m.GetDescriptor()->oneof_decl(0);
  const FieldDescriptor* kind = m.GetReflection()->GetOneofFieldDescriptor(m, oneof);
  if (!kind) return fault(m, "has no kind");
  const std::size_t before = out_.size();
  if (!field(m, *kind)) return false;
  // A number that JSON does not have: "NaN" would read back as a text.
  if (kind->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE && out_[before] == '"')
    return fault(m, "holds a number that JSON does not have");
  return true;
}

// A level of JSON is up to three messages: Value, Struct, the map's entry.
bool Writer::unpack(const std::string& bytes, Message& inner) const {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  in.SetRecursionLimit(3 * options_.max_depth + 3);
  return inner.ParseFromCodedStream(&in) && in.ConsumedEntireMessage();
}

bool Writer::any(const Message& m) {
  const Reflection& r = *m.GetReflection();
  const std::string url = r.GetString(m, &number(m, 1));
  if (url.empty()) return out_ += "{}", true;
  const Message* prototype = detail::any_prototype(url);
  if (!prototype) return fault(m, "holds the unknown type '" + url + "'");
  const Descriptor* type = prototype->GetDescriptor();
  const std::unique_ptr<Message> inner(prototype->New());
  if (!unpack(r.GetString(m, &number(m, 2)), *inner))
    return fault(m, "holds a malformed " + type->full_name());
  bool first = true;
  out_ += '{';
  name("@type", first);
  write_json_string(url, out_);
  if (type->well_known_type() == Descriptor::WELLKNOWNTYPE_UNSPECIFIED) {
    if (!members(*inner, first)) return false;
  } else {
    name("value", first);
    if (!message(*inner)) return false;
  }
  out_ += '}';
  return true;
}

template <class F>
Status write(const Message& message, const JsonOptions& options, std::string& out, F f) {
  const std::size_t before = out.size();
  Writer writer(options, out);
  if (f(writer)) return {};
  out.resize(before);
  return {Errc::kInternal,
          "print " + message.GetDescriptor()->full_name() + " as JSON: " + writer.why};
}

}  // namespace

Status write_json(const Message& message, const JsonOptions& options, std::string& out) {
  return write(message, options, out, [&](Writer& writer) { return writer.message(message); });
}

Status write_json_field(const Message& message, const FieldDescriptor& field,
                        const JsonOptions& options, std::string& out) {
  return write(message, options, out, [&](Writer& writer) { return writer.field(message, field); });
}

}  // namespace brontes
