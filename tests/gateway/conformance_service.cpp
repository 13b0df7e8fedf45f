#include "conformance_service.hpp"

#include <brontes/actors/call/handlers.hpp>

#include "backend_state.hpp"

namespace brontes::conformance {
namespace {

using namespace gwtest::v1;

Status set_meta(const SetMetaRequest& request, EchoReply& reply, Call& call) {
  for (const auto& [key, value] : request.headers())
    call.add_header(key, metadata_value(key, value));
  for (const auto& [key, value] : request.trailers())
    call.add_trailer(key, metadata_value(key, value));
  if (request.fail_code() != 0) return {static_cast<Errc>(request.fail_code()), "failed"};
  reply = describe(call, request);
  return {};
}

void add_rows(MethodTable& table, const std::vector<Method>& rows) {
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
  echo.on<Echo::Fail>([](const FailRequest& request, EchoReply&) { return failure(request); });
  echo.on<Echo::SetMeta>(set_meta);
  echo.on<Echo::Big>([](const BigRequest& request, Item& reply) {
    reply = big(request);
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
    describe(request, reply);
    return Status();
  });
  echo.on<Echo::UploadField>([](const UploadRequest& request, UploadReply& reply) {
    describe(request, reply);
    return Status();
  });
}

void add_streams(Functions<Streams>& streams) {
  streams.on<Streams::ClientStream>([](Call&) {
    return [](const Item* item, Summary& summary) {
      if (!item) return Status();
      add(*item, summary);
      return Status();
    };
  });
  streams.on<Streams::Bidi>([](Call&) {
    return [](const Item* item, Writer<Item>& out) {
      if (!item) return Status();
      if (item->text() == "fail") return Status(Errc::kInvalidArgument, "asked to fail");
      out.write(echo_of(*item));
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
  Facts facts{call.method().path, call.all_metadata(), {}};
  if (call.deadline() != TimePoint::max()) facts.left = call.deadline() - call.clock().now();
  return describe(facts, request);
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
  add_rows(table, echo.rows());
  add_rows(table, streams.rows());
  add_rows(table, routes.rows());
  add_slow(table, *state_);
}

}  // namespace brontes::conformance
