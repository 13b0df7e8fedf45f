#include "answers.hpp"

#include <openssl/sha.h>

#include <brontes/gateway/detail/base64.hpp>
#include <brontes/gateway/json_writer.hpp>
#include <cstdlib>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace brontes::conformance {

using namespace gwtest::v1;

namespace {

std::string base64(std::string_view bytes) {
  std::string out;
  detail::append_base64(bytes, out);
  return out;
}

void pack(const std::string& name, google::protobuf::Any& any) {
  if (name == "error_info") {
    google::rpc::ErrorInfo info;
    info.set_reason("R");
    info.set_domain("D");
    (*info.mutable_metadata())["k"] = "v";
    any.PackFrom(info);
  } else if (name == "bad_request") {
    google::rpc::BadRequest bad;
    auto& violation = *bad.add_field_violations();
    violation.set_field("f");
    violation.set_description("d");
    any.PackFrom(bad);
  } else if (name == "retry_info") {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(1);
    retry.mutable_retry_delay()->set_nanos(500'000'000);
    any.PackFrom(retry);
  } else if (name == "duration") {
    google::protobuf::Duration duration;
    duration.set_seconds(3);
    duration.set_nanos(100'000'000);
    any.PackFrom(duration);
  } else if (name == "empty") {
    any.PackFrom(google::protobuf::Empty());
  } else if (name == "small") {
    Small small;
    small.set_user_name("u");
    any.PackFrom(small);
  } else {
    any.set_type_url("type.googleapis.com/gwtest.v1.NotLinked");
    any.set_value("\x08\x01");
  }
}

}  // namespace

EchoReply describe(const Facts& facts, const google::protobuf::Message& request) {
  EchoReply reply;
  reply.set_rpc(std::string(facts.path));
  JsonOptions options;
  options.print_unset = false;
  if (!write_json(request, options, *reply.mutable_request_json()).ok()) std::abort();
  for (const auto& [key, value] : facts.metadata)
    (*reply.mutable_metadata())[key].add_values(key.ends_with("-bin") ? base64(value) : value);
  using std::chrono::milliseconds;
  reply.set_timeout_ms(facts.left ? std::chrono::ceil<milliseconds>(*facts.left).count() : -1);
  return reply;
}

Status failure(const FailRequest& request) {
  google::rpc::Status status;
  status.set_code(request.code());
  status.set_message(request.message());
  for (const std::string& name : request.details()) pack(name, *status.add_details());
  // What is no code at all would become one of another number.
  const bool fits = request.code() >= 0 && request.code() <= 0xff;
  return {fits ? static_cast<Errc>(request.code()) : Errc::kUnknown, request.message(),
          request.details().empty() ? "" : status.SerializeAsString()};
}

std::string metadata_value(const std::string& key, const std::string& given) {
  return key.ends_with("-bin") ? detail::decode_base64(given).value_or("") : given;
}

void describe(const google::api::HttpBody& body, UploadReply& reply) {
  reply.set_content_type(body.content_type());
  reply.set_size(static_cast<std::int64_t>(body.data().size()));
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(body.data().data()), body.data().size(), digest);
  for (const unsigned char byte : digest) {
    reply.mutable_sha256_hex()->push_back("0123456789abcdef"[byte >> 4]);
    reply.mutable_sha256_hex()->push_back("0123456789abcdef"[byte & 15]);
  }
}

void describe(const UploadRequest& request, UploadReply& reply) {
  reply.set_name(request.name());
  reply.set_note(request.note());
  describe(request.body(), reply);
}

Item big(const BigRequest& request) {
  Item item;
  item.set_seq(request.size());
  item.set_text(std::string(static_cast<std::size_t>(request.size()), 'x'));
  return item;
}

void add(const Item& item, Summary& summary) {
  summary.set_count(summary.count() + 1);
  summary.add_texts(item.text());
  summary.set_sum_seq(summary.sum_seq() + item.seq());
}

Item echo_of(const Item& item) {
  Item echo;
  echo.set_seq(item.seq());
  echo.set_text("echo:" + item.text());
  return echo;
}

Item item_after(int sent, const StreamRequest& request) {
  Item item;
  item.set_seq(sent + 1);
  item.set_text(request.text().empty() ? "item-" + std::to_string(sent + 1) : request.text());
  return item;
}

std::optional<Status> end_after(int sent, const StreamRequest& request) {
  if (request.fail_code() != 0 && sent >= request.fail_after())
    return Status(static_cast<Errc>(request.fail_code()), request.fail_message());
  if (sent >= request.count()) return Status();
  return std::nullopt;
}

}  // namespace brontes::conformance
