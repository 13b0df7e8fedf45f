#include "conformance_service.hpp"

#include <openssl/sha.h>

#include <brontes/actors/call/handlers.hpp>
#include <brontes/gateway/detail/base64.hpp>
#include <brontes/gateway/json_writer.hpp>

#include "backend_state.hpp"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace brontes::conformance {
namespace {

using namespace gwtest::v1;

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

Status fail_as_told(const FailRequest& request, EchoReply&, Call&) {
  google::rpc::Status status;
  status.set_code(request.code());
  status.set_message(request.message());
  for (const std::string& name : request.details()) pack(name, *status.add_details());
  return {static_cast<Errc>(request.code()), request.message(),
          request.details().empty() ? "" : status.SerializeAsString()};
}

Status set_meta(const SetMetaRequest& request, EchoReply& reply, Call& call) {
  const auto value = [](const auto& entry) {
    const bool binary = entry.first.ends_with("-bin");
    return binary ? detail::decode_base64(entry.second).value_or("") : entry.second;
  };
  for (const auto& entry : request.headers()) call.add_header(entry.first, value(entry));
  for (const auto& entry : request.trailers()) call.add_trailer(entry.first, value(entry));
  if (request.fail_code() != 0) return {static_cast<Errc>(request.fail_code()), "failed"};
  reply = describe(call, request);
  return {};
}

void fill(const google::api::HttpBody& body, UploadReply& reply) {
  reply.set_content_type(body.content_type());
  reply.set_size(static_cast<std::int64_t>(body.data().size()));
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(body.data().data()), body.data().size(), digest);
  for (const unsigned char byte : digest) {
    reply.mutable_sha256_hex()->push_back("0123456789abcdef"[byte >> 4]);
    reply.mutable_sha256_hex()->push_back("0123456789abcdef"[byte & 15]);
  }
}

void add(MethodTable& table, const std::vector<Method>& rows) {
  for (const Method& row : rows)
    if (row.path != Echo::Slow::path && row.path != Streams::ServerStream::path)
      if (const Status status = table.add(row); !status.ok()) std::abort();
}

template <class... M>
void echo_all(Functions<Routes>& functions, MethodList<M...>) {
  (functions.on<M>([](const RouteRequest& request, EchoReply& reply, Call& call) {
    reply = describe(call, request);
    return Status();
  }),
   ...);
}

void add_echo(Functions<Echo>& echo) {
  echo.on<Echo::Echo>([](const Everything& request, EchoReply& reply, Call& call) {
    reply = describe(call, request);
    return Status();
  });
  echo.on<Echo::Unbound>([](const Small& request, EchoReply& reply, Call& call) {
    reply = describe(call, request);
    return Status();
  });
  echo.on<Echo::Mirror>([](const Everything& request, Everything& reply) {
    reply = request;
    return Status();
  });
  echo.on<Echo::MirrorSmall>([](const Small& request, Small& reply) {
    reply = request;
    return Status();
  });
  echo.on<Echo::Nothing>(
      [](const google::protobuf::Empty&, google::protobuf::Empty&) { return Status(); });
  echo.on<Echo::Fail>(fail_as_told);
  echo.on<Echo::SetMeta>(set_meta);
  echo.on<Echo::Big>([](const BigRequest& request, Item& reply) {
    reply.set_seq(request.size());
    reply.set_text(std::string(static_cast<std::size_t>(request.size()), 'x'));
    return Status();
  });
}

void add_bodies(Functions<Echo>& echo) {
  echo.on<Echo::Download>([](const DownloadRequest& request, google::api::HttpBody& reply) {
    reply.set_content_type(request.content_type());
    reply.set_data(request.text());
    return Status();
  });
  echo.on<Echo::DownloadWrapped>([](const DownloadRequest& request, WrappedBody& reply) {
    reply.mutable_body()->set_content_type(request.content_type());
    reply.mutable_body()->set_data(request.text());
    return Status();
  });
  echo.on<Echo::Upload>([](const google::api::HttpBody& request, UploadReply& reply) {
    fill(request, reply);
    return Status();
  });
  echo.on<Echo::UploadField>([](const UploadRequest& request, UploadReply& reply) {
    reply.set_name(request.name());
    reply.set_note(request.note());
    fill(request.body(), reply);
    return Status();
  });
}

void add_streams(Functions<Streams>& streams) {
  streams.on<Streams::ClientStream>([](Call&) {
    return [](const Item* item, Summary& summary) {
      if (!item) return Status();
      summary.set_count(summary.count() + 1);
      summary.add_texts(item->text());
      summary.set_sum_seq(summary.sum_seq() + item->seq());
      return Status();
    };
  });
  streams.on<Streams::Bidi>([](Call&) {
    return [](const Item* item, Writer<Item>& out) {
      if (!item) return Status();
      if (item->text() == "fail") return Status(Errc::kInvalidArgument, "asked to fail");
      Item echo;
      echo.set_seq(item->seq());
      echo.set_text("echo:" + item->text());
      out.write(echo);
      return Status();
    };
  });
  streams.on<Streams::DownloadStream>([](const DownloadRequest& request, Call&) {
    return [request, next = 0](google::api::HttpBody& reply) mutable {
      if (next == request.parts_size()) return false;
      if (next == 0) reply.set_content_type(request.content_type());
      reply.set_data(request.parts(next++));
      return true;
    };
  });
}

}  // namespace

EchoReply describe(const Call& call, const Message& request) {
  EchoReply reply;
  reply.set_rpc(std::string(call.method().path));
  JsonOptions options;
  options.print_unset = false;
  if (!write_json(request, options, *reply.mutable_request_json()).ok()) std::abort();
  for (const auto& [key, value] : call.all_metadata())
    (*reply.mutable_metadata())[key].add_values(key.ends_with("-bin") ? base64(value) : value);
  reply.set_timeout_ms(-1);
  if (call.deadline() != TimePoint::max())
    reply.set_timeout_ms(
        std::chrono::ceil<std::chrono::milliseconds>(call.deadline() - call.clock().now()).count());
  return reply;
}

Backend::Backend() : state_(std::make_shared<State>()) {}
Backend::~Backend() = default;

void Backend::add_to(MethodTable& table) {
  Functions<Echo> echo;
  add_echo(echo);
  add_bodies(echo);
  echo.on<Echo::Cancelled>([state = state_](const CancelQuery& request, CancelReply& reply) {
    reply.set_count(state->cancelled_count(request.key()));
    return Status();
  });
  Functions<Streams> streams;
  add_streams(streams);
  Functions<Routes> routes;
  echo_all(routes, Routes::All());
  add(table, echo.rows());
  add(table, streams.rows());
  add(table, routes.rows());
  add_slow(table, *state_);
}

}  // namespace brontes::conformance
