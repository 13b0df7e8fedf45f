#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <algorithm>
#include <brontes/actors/resilience/detail/retry_info.hpp>
#include <cstdint>
#include <utility>

namespace brontes::detail {
namespace {

// google/rpc/*.proto are not part of protobuf: their three fields are written by hand.
constexpr std::uint32_t kVarintType = 0, kBytesType = 2;
constexpr std::uint32_t field_tag(std::uint32_t field, std::uint32_t type) {
  return field << 3 | type;
}

void write_field(google::protobuf::io::CodedOutputStream& out, std::uint32_t field,
                 const std::string& bytes) {
  out.WriteTag(field_tag(field, kBytesType));
  out.WriteVarint32(static_cast<std::uint32_t>(bytes.size()));
  out.WriteString(bytes);
}

template <class F>
std::string wire_bytes(F write) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  write(out);
  out.Trim();
  return bytes;
}

}  // namespace

Status retry_after(Errc code, std::string message, Duration delay) {
  const auto whole = std::max(delay, Duration::zero());
  google::protobuf::Duration time;
  time.set_seconds(std::chrono::duration_cast<std::chrono::seconds>(whole).count());
  time.set_nanos(static_cast<std::int32_t>((whole % std::chrono::seconds(1)).count()));
  google::protobuf::Any info;
  info.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  info.set_value(wire_bytes([&](google::protobuf::io::CodedOutputStream& out) {
    write_field(out, 1, time.SerializeAsString());
  }));
  std::string details = wire_bytes([&](google::protobuf::io::CodedOutputStream& out) {
    out.WriteTag(field_tag(1, kVarintType));
    out.WriteVarint32(static_cast<std::uint32_t>(code));
    write_field(out, 2, message);
    write_field(out, 3, info.SerializeAsString());
  });
  return {code, std::move(message), std::move(details)};
}

}  // namespace brontes::detail
