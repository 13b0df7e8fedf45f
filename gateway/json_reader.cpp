#include <brontes/gateway/detail/json_sink.hpp>
#include <brontes/gateway/json_reader.hpp>
#include <nlohmann/json.hpp>

namespace brontes {
namespace {

using detail::JsonScalar;
using detail::JsonSink;
using Kind = JsonScalar::Kind;

// The SAX interface of nlohmann_json over a sink.
class Events {
 public:
  explicit Events(JsonSink& sink) : sink_(sink) {}

  bool null() { return sink_.scalar({Kind::kNull}); }
  bool boolean(bool value) { return sink_.scalar({Kind::kBool, value}); }
  // Only what has a minus comes here, so that zero is "-0".
  bool number_integer(std::int64_t value) {
    return number(value == 0 ? "-0" : std::to_string(value));
  }
  bool number_unsigned(std::uint64_t value) { return number(std::to_string(value)); }
  bool number_float(double, const std::string& text) { return number(text); }
  bool string(std::string& text) { return sink_.scalar({Kind::kString, false, std::move(text)}); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool start_object(std::size_t) { return sink_.start_object(); }
  bool key(std::string& name) { return sink_.key(name); }
  bool end_object() { return sink_.end_object(); }
  bool start_array(std::size_t) { return sink_.start_array(); }
  bool end_array() { return sink_.end_array(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& e) {
    std::string_view text = e.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: what is wrong"
    if (const auto place = text.find(": "); place != std::string_view::npos)
      text.remove_prefix(place + 2);
    sink_.why = "byte " + std::to_string(position) + ": " + std::string(text);
    return false;
  }

 private:
  bool number(std::string text) { return sink_.scalar({Kind::kNumber, false, std::move(text)}); }

  JsonSink& sink_;
};

Status read(std::string_view text, JsonSink& sink) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  // The tokeniser skips a mark and takes a zero byte for the end.
  if (text.substr(0, kMark.size()) == kMark)
    return {Errc::kInvalidArgument, "byte 1: a byte order mark"};
  if (const auto zero = text.find('\0'); zero != std::string_view::npos)
    return {Errc::kInvalidArgument, "byte " + std::to_string(zero + 1) + ": a zero byte"};
  Events events(sink);
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &events) && sink.end()) return {};
  return {Errc::kInvalidArgument, sink.why};
}

}  // namespace

Status read_json(std::string_view text, const JsonOptions& options,
                 google::protobuf::Message& message) {
  JsonSink sink(options, {&message, nullptr});
  return read(text, sink);
}

Status read_json_field(std::string_view text, const JsonOptions& options,
                       google::protobuf::Message& message,
                       const google::protobuf::FieldDescriptor& field,
                       std::vector<std::string>* leaves) {
  JsonSink sink(options, {&message, &field}, leaves);
  return read(text, sink);
}

}  // namespace brontes
