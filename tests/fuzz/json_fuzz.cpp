// JSON into messages and back: what was read can be written, and reads back as the same message.
// Input: a byte that chooses message and profile, then the text.
#include <google/protobuf/util/field_comparator.h>
#include <google/protobuf/util/message_differencer.h>

#include <brontes/gateway/detail/json_split.hpp>
#include <brontes/gateway/json_reader.hpp>
#include <brontes/gateway/json_writer.hpp>
#include <memory>

#include "fuzz_target.hpp"
#include "testsvc.pb.h"

namespace brontes {
namespace {

using fuzz::require;
using google::protobuf::Message;

std::unique_ptr<Message> make_message(unsigned which) {
  switch (which % 6) {
    case 0:
      return std::make_unique<gwtest::v1::Everything>();
    case 1:
      return std::make_unique<gwtest::v1::Small>();
    case 2:
      return std::make_unique<gwtest::v1::Inner>();
    case 3:
      return std::make_unique<google::protobuf::Value>();
    case 4:
      return std::make_unique<google::protobuf::Any>();
    default:
      return std::make_unique<google::api::HttpBody>();
  }
}

bool same(const Message& a, const Message& b) {
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  return differencer.Compare(a, b);
}

void check_split(std::string_view text) {
  std::size_t values = 0;
  for (std::string_view rest = text; !rest.empty(); ++values) {
    std::size_t used = 0;
    const std::string_view value = detail::next_json_value(rest, used);
    require(used > 0 && used <= rest.size(), "splitting values does not get on", rest);
    require(value.size() <= used, "a value is longer than its text", rest);
    rest.remove_prefix(used);
  }
  require(values <= text.size(), "more values than bytes", text);
}

std::unique_ptr<Message> there_and_back(const Message& message, const JsonOptions& options,
                                        std::string_view text) {
  std::string written;
  const Status write = write_json(message, options, written);
  require(write.ok(), "what was read cannot be written: " + write.message(), text);
  std::unique_ptr<Message> again(message.New());
  const Status back = read_json(written, options, *again);
  require(back.ok(), "what was written cannot be read: " + back.message(), written);
  return again;
}

void check_round_trip(std::string_view text, JsonOptions options, Message& message) {
  const Status read = read_json(text, options, message);
  if (!read.ok()) return require(!read.message().empty(), "an error without a reason", text);
  there_and_back(message, options, text);
  options.print_unset = false;  // an unset Value is printed as null, and null is a Value
  require(same(message, *there_and_back(message, options, text)), "the way changes it", text);
}

}  // namespace
}  // namespace brontes

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brontes;
  fuzz::Input input(data, size);
  const unsigned choice = input.byte();
  const auto options = choice & 1 ? JsonOptions::proto3() : JsonOptions::hephfx();
  const auto message = make_message(choice >> 1);
  check_split(input.rest());
  check_round_trip(input.rest(), options, *message);
  return 0;
}
