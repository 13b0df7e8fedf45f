// What JSON costs: ours against protobuf's json_util, on the same message and text. The argument is
// WHAT_SIZE: read, write, their_read, their_write or tokenise (nlohmann_json's SAX interface alone,
// which our reader is built on); 39 (bytes) or 1400. Prints {"cpu_us": per message, "bytes": of the
// text}.
#include <google/protobuf/util/json_util.h>

#include <brontes/gateway/json_reader.hpp>
#include <brontes/gateway/json_writer.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cpu_time.hpp"
#include "testsvc.pb.h"

namespace {

using google::protobuf::Message;
namespace util = google::protobuf::util;

gwtest::v1::Small small_message() {
  gwtest::v1::Small message;
  message.set_user_name("b");
  message.set_big(4);
  message.set_flag(true);
  return message;
}

// What services carry: texts, numbers, an enum, lists of messages, a map, a time.
gwtest::v1::Everything large_message() {
  gwtest::v1::Everything message;
  message.set_s("order 2021-7731, to be delivered before noon");
  message.set_i64(1234567890123);
  message.set_dbl(1299.95);
  message.set_flag(true);
  message.set_color(gwtest::v1::GREEN);
  message.mutable_ts()->set_seconds(1'600'000'000);
  message.mutable_inner()->set_display_name("Customer \"A\"");
  for (int i = 0; i < 12; ++i) {
    auto& item = *message.add_items();
    item.set_name("article number " + std::to_string(i));
    item.set_amount(i * 7 + 1);
    item.add_tags("fragile");
    item.set_color(gwtest::v1::BLUE);
  }
  for (int i = 0; i < 13; ++i)
    (*message.mutable_labels())["label-" + std::to_string(i)] = "value of it";
  return message;
}

brontes::JsonOptions our_options() {
  brontes::JsonOptions options;
  options.print_unset = false;
  return options;
}

std::string their_text(const Message& message) {
  util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!util::MessageToJsonString(message, &text, options).ok()) std::abort();
  return text;
}

struct Tokens : nlohmann::json_sax<nlohmann::json> {
  bool null() override { return ++count; }
  bool boolean(bool) override { return ++count; }
  bool number_integer(std::int64_t) override { return ++count; }
  bool number_unsigned(std::uint64_t) override { return ++count; }
  bool number_float(double, const std::string&) override { return ++count; }
  bool string(std::string&) override { return ++count; }
  bool binary(nlohmann::json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return ++count; }
  bool key(std::string&) override { return ++count; }
  bool end_object() override { return ++count; }
  bool start_array(std::size_t) override { return ++count; }
  bool end_array() override { return ++count; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override {
    return false;
  }
  std::size_t count = 0;
};

// One run of what is measured; false if it failed. Each makes its message or text, as a call does.
std::function<bool()> work(std::string_view what, const Message& message, const std::string& text) {
  if (what == "read")
    return [&] {
      const std::unique_ptr<Message> into(message.New());
      return brontes::read_json(text, our_options(), *into).ok();
    };
  if (what == "their_read")
    return [&] {
      const std::unique_ptr<Message> into(message.New());
      return util::JsonStringToMessage(text, into.get()).ok();
    };
  if (what == "write")
    return [&] {
      std::string out;
      return brontes::write_json(message, our_options(), out).ok();
    };
  if (what == "their_write") return [&] { return !their_text(message).empty(); };
  if (what == "tokenise")
    return [&] {
      Tokens tokens;
      return nlohmann::json::sax_parse(text, &tokens);
    };
  return {};
}

int measure(std::string_view what, const Message& message, int times) {
  const std::string text = their_text(message);
  const auto run = work(what, message, text);
  if (!run) return 2;
  for (int i = 0; i < times / 10; ++i)
    if (!run()) return 1;
  const double before = brontes::bench::cpu_seconds();
  for (int i = 0; i < times; ++i)
    if (!run()) return 1;
  const double used = brontes::bench::cpu_seconds() - before;
  std::printf("{\"cpu_us\": %.4f, \"bytes\": %zu}\n", used * 1e6 / times, text.size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view argument = argc > 1 ? argv[1] : "";
  const std::string_view what = argument.substr(0, argument.rfind('_'));
  int code = 2;
  if (argument.ends_with("_39")) code = measure(what, small_message(), 200'000);
  if (argument.ends_with("_1400")) code = measure(what, large_message(), 10'000);
  if (code == 2)
    std::fprintf(stderr,
                 "usage: bench_json (read|write|their_read|their_write|tokenise)_(39|1400)\n");
  return code;
}
