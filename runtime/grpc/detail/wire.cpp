#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <brontes/runtime/grpc/detail/wire.hpp>

#include <memory>
#include <string>

namespace brontes::detail {
namespace {

using google::protobuf::io::CodedInputStream;

// Deeper ones are not looked at: parsing recurses.
constexpr int kWithinReason = 1000;

bool parse_deep(CodedInputStream& in, Message& message) {
  in.SetRecursionLimit(kWithinReason);
  return message.ParseFromCodedStream(&in) && in.ConsumedEntireMessage();
}

std::string_view view_of(const grpc::Slice& slice) {
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace

Status parse(Wire& wire, Message& message) {
  bool parsed = false;
  {
    grpc::ProtoBufferReader reader(&wire.bytes);
    parsed = reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
  }
  grpc::Slice all;
  if (!parsed && wire.bytes.Valid()) (void)wire.bytes.DumpToSingleSlice(&all);
  wire.bytes.Clear();
  return parsed ? Status() : no_request(view_of(all), message);
}

bool parse_own(Wire& wire, Message& message) {
  bool parsed = false;
  {
    grpc::ProtoBufferReader reader(&wire.bytes);
    CodedInputStream in(&reader);
    parsed = reader.status().ok() && parse_deep(in, message);
  }
  wire.bytes.Clear();
  return parsed;
}

Status no_request(std::string_view bytes, const Message& prototype) {
  if (bytes.size() >= least_deep_bytes()) {
    CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                        static_cast<int>(bytes.size()));
    const std::unique_ptr<Message> probe(prototype.New());
    if (parse_deep(in, *probe))
      return {Errc::kInvalidArgument,
              "the request is nested deeper than " +
                  std::to_string(CodedInputStream::GetDefaultRecursionLimit()) + " messages"};
  }
  return {Errc::kInternal, "the request is no valid " + prototype.GetTypeName()};
}

std::size_t least_deep_bytes() {
  return 2 * static_cast<std::size_t>(CodedInputStream::GetDefaultRecursionLimit());
}

}  // namespace brontes::detail
