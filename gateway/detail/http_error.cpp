#include <google/protobuf/any.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <brontes/gateway/detail/base64.hpp>
#include <brontes/gateway/detail/http_error.hpp>
#include <brontes/gateway/http_status.hpp>
#include <brontes/gateway/json_writer.hpp>
#include <vector>

namespace brontes::detail {
namespace {

using google::protobuf::internal::WireFormatLite;

// The details of a serialised google.rpc.Status, field 3, without generated code for it. What
// cannot be read ends the list: an error must not hide the error.
std::vector<google::protobuf::Any> details_of(const std::string& status) {
  constexpr int kDetails = 3;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(status.data()),
                                            static_cast<int>(status.size()));
  std::vector<google::protobuf::Any> details;
  while (const std::uint32_t tag = in.ReadTag()) {
    if (tag != WireFormatLite::MakeTag(kDetails, WireFormatLite::WIRETYPE_LENGTH_DELIMITED)) {
      if (!WireFormatLite::SkipField(&in, tag)) break;
      continue;
    }
    std::uint32_t size = 0;
    std::string bytes;
    google::protobuf::Any detail;
    if (!in.ReadVarint32(&size) || !in.ReadString(&bytes, static_cast<int>(size)) ||
        !detail.ParseFromString(bytes))
      break;
    details.push_back(std::move(detail));
  }
  return details;
}

void append_detail(const google::protobuf::Any& detail, const JsonOptions& options,
                   std::string& out) {
  if (write_json(detail, options, out).ok()) return;
  out += "{\"@type\":";
  write_json_string(detail.type_url(), out);
  out += ",\"value\":\"";
  append_base64(detail.value(), out);
  out += "\"}";
}

}  // namespace

void append_error(const Status& status, const JsonOptions& options, std::string& out) {
  out += "{\"code\":" + std::to_string(static_cast<int>(status.code())) + ",\"message\":";
  write_json_string(status.message(), out);
  out += ",\"details\":[";
  bool first = true;
  for (const auto& detail : details_of(status.details())) {
    if (!first) out += ',';
    first = false;
    append_detail(detail, options, out);
  }
  out += "]}";
}

HttpReply error_reply(const Status& status, const JsonOptions& options, int http_code) {
  HttpReply reply{http_code != 0 ? http_code : http_status(status.code()), {}, {}, {}, false};
  reply.headers.emplace_back("Content-Type", "application/json");
  if (status.code() == Errc::kUnauthenticated)
    reply.headers.emplace_back("WWW-Authenticate", status.message());
  append_error(status, options, reply.body);
  return reply;
}

}  // namespace brontes::detail
