// How deep messages may nest: the same for native and adopted methods, through both doors.
#include <algorithm>

#include "node_with_parlour.hpp"
#include "testsvc.brontes.hpp"
#include "testsvc.grpc.pb.h"

namespace brontes::testing {
namespace {

using gwtest::v1::EchoService;
using gwtest::v1::EchoServiceMethods;
using gwtest::v1::Everything;

/// What was asked, and in `st` as many objects inside of each other as `i32` says.
void mirror(const Everything& request, Everything& reply) {
  reply = request;
  if (request.i32() == 0) return;
  auto* object = reply.mutable_st();
  for (int left = request.i32(); left > 1; --left)
    object = (*object->mutable_fields())["a"].mutable_struct_value();
}

class SyncMirror final : public EchoService::Service {
  grpc::Status Mirror(grpc::ServerContext*, const Everything* request, Everything* reply) override {
    mirror(*request, *reply);
    return grpc::Status::OK;
  }
};

class CallbackMirror final : public EchoService::CallbackService {
  grpc::ServerUnaryReactor* Mirror(grpc::CallbackServerContext* context, const Everything* request,
                                   Everything* reply) override {
    mirror(*request, *reply);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

enum class Served { kNatively, kSync, kCallback };

std::string name_of_served(const ::testing::TestParamInfo<Served>& info) {
  static constexpr const char* kNames[] = {"Natively", "Sync", "Callback"};
  return kNames[static_cast<int>(info.param)];
}

struct NestedMessages : ::testing::TestWithParam<Served> {
  NestedMessages() {
    Functions<EchoServiceMethods> native;
    native.on<EchoServiceMethods::Mirror>([](const Everything& request, Everything& reply) {
      mirror(request, reply);
      return Status();
    });
    if (GetParam() == Served::kNatively) node.serve(native);
    if (GetParam() == Served::kSync) node.adopt(std::make_shared<SyncMirror>());
    if (GetParam() == Served::kCallback) node.adopt(std::make_shared<CallbackMirror>());
    const Status started = node.start();
    EXPECT_TRUE(started.ok()) << started.to_string();
  }

  std::string ask(const std::string& method, const std::string& target, const std::string& body) {
    HttpConnection connection(node.http_port());
    connection.send(method, target, {}, body);
    return connection.read_all();
  }

  Node node{settings_for_parlour()};
};

INSTANTIATE_TEST_SUITE_P(Every, NestedMessages,
                         ::testing::Values(Served::kNatively, Served::kSync, Served::kCallback),
                         name_of_served);

std::string objects(int count) {
  std::string text = "1";
  for (int i = 0; i < count; ++i) text = "{\"a\":" + text + "}";
  return text;
}

std::string escaped(std::string text) {
  for (const auto& [from, to] : {std::pair("{", "%7B"), {"}", "%7D"}, {"\"", "%22"}})
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from))
      text.replace(at, 1, to);
  return text;
}

void expect_too_deep(const std::string& answer) {
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << answer;
  EXPECT_NE(answer.find("\"code\":3"), std::string::npos) << answer;
}

// An object in a Struct is three messages.
TEST_P(NestedMessages, OverRestAreAHundred) {
  EXPECT_TRUE(
      ask("POST", "/v1/mirror", "{\"st\":" + objects(33) + "}").starts_with("HTTP/1.1 200"));
  expect_too_deep(ask("POST", "/v1/mirror", "{\"st\":" + objects(34) + "}"));
  EXPECT_TRUE(ask("GET", "/v1/mirror?st=" + escaped(objects(33)), {}).starts_with("HTTP/1.1 200"));
  expect_too_deep(ask("GET", "/v1/mirror?st=" + escaped(objects(34)), {}));
  for (const int levels : {34, 60, 101})
    expect_too_deep(ask("GET", "/v1/mirror?val=" + escaped(objects(levels)), {}));
}

TEST_P(NestedMessages, OverGrpcAreAHundred) {
  const auto stub = EchoService::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(node.port()), grpc::InsecureChannelCredentials()));
  for (const int levels : {100, 101, 900}) {
    Everything request, reply;
    auto* inner = request.mutable_inner();
    for (int i = 1; i < levels; ++i) inner = inner->mutable_child();
    grpc::ClientContext context;
    const grpc::Status status = stub->Mirror(&context, request, &reply);
    if (levels == 100) {
      EXPECT_TRUE(status.ok()) << status.error_message();
      continue;
    }
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(status.error_message(), "the request is nested deeper than 100 messages");
  }
}

// What a handler makes is nobody's attack: JSON's own limit is the only one.
TEST_P(NestedMessages, OfRepliesAreAsManyAsJsonTakes) {
  for (const int count : {33, 60, 90}) {
    const std::string answer = ask("POST", "/v1/mirror", "{\"i32\":" + std::to_string(count) + "}");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
    std::string all;
    for (int i = 1; i < count; ++i) all += "{\"a\":";
    EXPECT_NE(answer.find(all + "{}"), std::string::npos) << answer;
  }
  EXPECT_TRUE(ask("POST", "/v1/mirror", R"({"i32":120})").starts_with("HTTP/1.1 500"));
}

}  // namespace
}  // namespace brontes::testing
