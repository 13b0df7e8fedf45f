// A node with an adopted service: health, reflection, gRPC's own interceptors, mistakes, the stop.
#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/impl/rpc_service_method.h>
#include <grpcpp/support/method_handler.h>
#include <grpcpp/support/server_interceptor.h>

#include <brontes/runtime/node.hpp>
#include <sstream>
#include <thread>

#include "../runtime/reflection_client.hpp"
#include "node_with_parlour.hpp"
#include "parlour.brontes.hpp"

namespace brontes::testing {
namespace {

namespace stock = grpc::experimental;
using parlour::ParlourMethods;

std::shared_ptr<grpc::Channel> channel_to(const Node& node) {
  return grpc::CreateChannel("127.0.0.1:" + std::to_string(node.port()),
                             grpc::InsecureChannelCredentials());
}

TEST(AdoptedNode, IsHealthyByTheNameOfTheService) {
  Diary diary;
  NodeWithParlour node(make_sync_parlour(diary));
  const auto health = grpc::health::v1::Health::NewStub(channel_to(*node));
  grpc::ClientContext context;
  grpc::health::v1::HealthCheckRequest request;
  grpc::health::v1::HealthCheckResponse response;
  request.set_service("brontes.parlour.Parlour");
  ASSERT_TRUE(health->Check(&context, request, &response).ok());
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
}

TEST(AdoptedNode, IsDescribedByReflectionOnceByItsName) {
  Diary diary;
  NodeWithParlour node(make_callback_parlour(diary));
  ReflectionClient reflection(channel_to(*node));
  EXPECT_EQ(reflection.services(),
            (std::set<std::string>{"brontes.parlour.Parlour", "grpc.health.v1.Health",
                                   "grpc.reflection.v1alpha.ServerReflection"}));
  EXPECT_NE(reflection.file_with("brontes.parlour.Parlour").find("parlour.proto"),
            std::string::npos);
}

// settings_for_parlour() gives them no time: that they are cut off is what was asked for.
TEST(AdoptedNode, CutsOffCallsOfBothDoorsAndStopsWell) {
  for (const bool callback : {false, true}) {
    Diary diary;
    NodeWithParlour node(callback ? make_callback_parlour(diary) : make_sync_parlour(diary));
    HttpConnection rest(node->http_port());
    rest.send("GET", "/v1/say/ada", "Grpc-Metadata-X-Do: wait\r\n");
    grpc::Status status;
    std::jthread caller([&, stub = parlour::Parlour::NewStub(channel_to(*node))] {
      grpc::ClientContext context;
      context.AddMetadata("x-do", "wait");
      parlour::Answer answer;
      status = stub->Say(&context, {}, &answer);
    });
    diary.wait_for("handler", 2);
    const Status stopped = node->stop();
    EXPECT_TRUE(stopped.ok()) << stopped.to_string();
    EXPECT_TRUE(rest.read_all().starts_with("HTTP/1.1 503"));
    caller.join();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
  }
}

/// gRPC's own kind: enters the request that it is shown, of calls to the Parlour.
class Eavesdropper final : public stock::Interceptor,
                           public stock::ServerInterceptorFactoryInterface {
 public:
  explicit Eavesdropper(Diary& diary) : diary_(diary) {}
  stock::Interceptor* CreateServerInterceptor(stock::ServerRpcInfo* info) override {
    const std::string method = info->method();
    if (!method.starts_with("/brontes.parlour.Parlour/")) return nullptr;  // the node's own probe
    diary_.note("stock " + method);
    return new Eavesdropper(diary_);
  }
  void Intercept(stock::InterceptorBatchMethods* methods) override {
    using Hook = stock::InterceptionHookPoints;
    if (methods->QueryInterceptionHookPoint(Hook::POST_RECV_MESSAGE) && methods->GetRecvMessage())
      diary_.note("stock saw " +
                  static_cast<parlour::Ask*>(methods->GetRecvMessage())->ShortDebugString());
    if (methods->QueryInterceptionHookPoint(Hook::PRE_SEND_STATUS))
      diary_.note("stock status " + std::to_string(methods->GetSendStatus().error_code()));
    methods->Proceed();
  }

 private:
  Diary& diary_;
};

class StockInterceptors : public ::testing::TestWithParam<bool> {
 protected:
  Diary diary_;
  NodeWithParlour node_{
      GetParam() ? make_callback_parlour(diary_) : make_sync_parlour(diary_), [this](Node& node) {
        node.intercept(std::make_shared<Witness>("inner", diary_));
        node.customise_grpc([this](grpc::ServerBuilder& builder) {
          std::vector<std::unique_ptr<stock::ServerInterceptorFactoryInterface>> factories;
          factories.push_back(std::make_unique<Eavesdropper>(diary_));
          builder.experimental().SetInterceptorCreators(std::move(factories));
        });
      }};
  const std::string method_ = "stock /brontes.parlour.Parlour/Say";
};

INSTANTIATE_TEST_SUITE_P(Both, StockInterceptors, ::testing::Bool());

TEST_P(StockInterceptors, StandAroundTheChainForGrpc) {
  const auto stub = parlour::Parlour::NewStub(channel_to(*node_));
  grpc::ClientContext context;
  parlour::Ask ask;
  ask.set_name("ada");
  parlour::Answer answer;
  EXPECT_TRUE(stub->Say(&context, ask, &answer).ok());
  EXPECT_EQ(diary_.wait_for("inner done"),
            (Entries{method_, "stock saw name: \"ada\"", "inner headers",
                     "inner request name: \"ada\"", "handler", "stock status 0", "inner done OK"}));
}

TEST_P(StockInterceptors, SeeWhatTheChainRefuses) {
  const auto stub = parlour::Parlour::NewStub(channel_to(*node_));
  grpc::ClientContext context;
  context.AddMetadata("x-refuse", "headers");
  parlour::Answer answer;
  EXPECT_EQ(stub->Say(&context, {}, &answer).error_details(), "DETAILS");
  const Entries all = diary_.wait_for("inner done");
  EXPECT_NE(std::find(all.begin(), all.end(), "stock status 8"), all.end());
}

TEST_P(StockInterceptors, StandBehindTheChainForRest) {
  EXPECT_NE(node_.get("/v1/say/ada").find("hello ada"), std::string::npos);
  EXPECT_EQ(diary_.wait_for("inner done"),
            (Entries{"inner headers", "inner request name: \"ada\"", method_,
                     "stock saw name: \"ada\"", "handler", "stock status 0", "inner done OK"}));
}

/// As start() tells it.
Status mistake(const std::function<void(Node&)>& fill) {
  Node node(settings_for_parlour());
  fill(node);
  const Status status = node.start();
  EXPECT_EQ(node.port(), 0);
  EXPECT_EQ(exit_with(status), 2);
  return status;
}

std::string twice(const std::string& path) {
  return "check settings: adopt " + path + ": the node serves it already; a method has one handler";
}

TEST(AdoptionMistake, NoService) {
  EXPECT_EQ(mistake([](Node& node) { node.adopt(nullptr); }).message(),
            "check settings: adopt a service: there is none (null)");
}

TEST(AdoptionMistake, AServiceOnCompletionQueues) {
  EXPECT_EQ(mistake([](Node& node) {
              node.adopt(std::make_shared<parlour::Parlour::AsyncService>());
            }).message(),
            "check settings: adopt /brontes.parlour.Parlour/Say: a completion queue serves it; "
            "derive from Service or CallbackService");
}

TEST(AdoptionMistake, TheSameServiceTwice) {
  Diary diary;
  EXPECT_EQ(mistake([&](Node& node) {
              node.adopt(make_sync_parlour(diary)).adopt(make_callback_parlour(diary));
            }).message(),
            twice("/brontes.parlour.Parlour/Say"));
}

TEST(AdoptionMistake, AMethodThatFunctionsServe) {
  Diary diary;
  const auto serve = [](Node& node) { node.serve<ParlourMethods>(Functions<ParlourMethods>()); };
  EXPECT_TRUE(mistake([&](Node& node) {
                node.adopt(make_sync_parlour(diary));
                serve(node);
              })
                  .message()
                  .starts_with("check settings: adopt /brontes.parlour.Parlour/"));
  EXPECT_TRUE(mistake([&](Node& node) {
                serve(node);
                node.adopt(make_sync_parlour(diary));
              })
                  .message()
                  .starts_with("check settings: adopt /brontes.parlour.Parlour/"));
}

class Idle final : public ServiceActor {};

TEST(AdoptionMistake, AMethodThatAnActorServes) {
  Diary diary;
  EXPECT_EQ(mistake([&](Node& node) {
              node.serve<ParlourMethods>(actor<Idle>());
              node.adopt(make_sync_parlour(diary));
            }).message(),
            twice("/brontes.parlour.Parlour/Say"));
}

/// As if its generated code were not linked.
class Nameless final : public grpc::Service {
 public:
  Nameless() {
    using Stream = grpc::ServerReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;
    AddMethod(new grpc::internal::RpcServiceMethod(
        "/no.such.Service/Do", grpc::internal::RpcMethod::BIDI_STREAMING,
        new grpc::internal::TemplatedBidiStreamingHandler<Stream, false>(
            [](grpc::ServerContext*, Stream*) { return grpc::Status::OK; })));
  }
};

TEST(AdoptionMistake, AServiceWithoutADescriptor) {
  EXPECT_EQ(mistake([](Node& node) { node.adopt(std::make_shared<Nameless>()); }).message(),
            "check settings: adopt /no.such.Service/Do: its descriptor is not linked; link the "
            "code generated from its .proto");
}

/// All values of a metric of one method of the Parlour: "4", or "0 4" if it has two series.
std::string metric_of(const Node& node, const std::string& name, const std::string& method) {
  HttpConnection admin(node.admin_port());
  admin.send("GET", "/metrics");
  std::istringstream lines(admin.read_all());
  std::string values;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + "{") &&
        line.find("grpc_method=\"" + method + "\"") != std::string::npos)
      values += line.substr(line.rfind(' ') + (values.empty() ? 1 : 0));
  return values;
}

class AdoptedMetrics : public ::testing::TestWithParam<bool> {
 protected:
  struct Count {
    const char* method;
    const char *received, *sent;
  };
  void expect_counts(const std::vector<Count>& counts) {
    for (const Count& count : counts) {
      EXPECT_EQ(metric_of(*node_, "grpc_server_msg_received_total", count.method), count.received)
          << count.method;
      EXPECT_EQ(metric_of(*node_, "grpc_server_msg_sent_total", count.method), count.sent)
          << count.method;
    }
  }

  Diary diary_;
  NodeWithParlour node_{
      GetParam() ? make_callback_parlour(diary_) : make_sync_parlour(diary_),
      [this](Node& node) { node.intercept(std::make_shared<Witness>("inner", diary_)); }};
};

INSTANTIATE_TEST_SUITE_P(Both, AdoptedMetrics, ::testing::Bool());

TEST_P(AdoptedMetrics, CountTheMessagesOfGrpc) {
  const auto stub = parlour::Parlour::NewStub(channel_to(*node_));
  parlour::Ask ask;
  ask.set_count(3);
  parlour::Answer answer;
  grpc::ClientContext say, countdown, collect, chat;
  EXPECT_TRUE(stub->Say(&say, ask, &answer).ok());
  const auto down = stub->Countdown(&countdown, ask);
  while (down->Read(&answer)) continue;
  EXPECT_TRUE(down->Finish().ok());
  const auto collected = stub->Collect(&collect, &answer);
  for (int i = 0; i < 4; ++i) collected->Write(ask);
  collected->WritesDone();
  EXPECT_TRUE(collected->Finish().ok());
  const auto chatted = stub->Chat(&chat);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(chatted->Write(ask) && chatted->Read(&answer));
  chatted->WritesDone();
  EXPECT_TRUE(chatted->Finish().ok());
  diary_.wait_for("inner done", 4);
  expect_counts(
      {{"Say", "1", "1"}, {"Countdown", "1", "3"}, {"Collect", "4", "1"}, {"Chat", "5", "5"}});
}

TEST_P(AdoptedMetrics, CountTheMessagesOfRestOnce) {
  node_.get("/v1/say/ada");
  node_.get("/v1/countdown/3");
  const std::string asks = "{}\n{}\n{}\n{}\n";
  node_.ask("POST", "/v1/collect", {}, asks);
  node_.ask("POST", "/v1/chat", {}, asks);
  diary_.wait_for("inner done", 4);
  expect_counts(
      {{"Say", "1", "1"}, {"Countdown", "1", "3"}, {"Collect", "4", "1"}, {"Chat", "4", "4"}});
}

// The phase that closes the doors is bounded; what blocks is left behind.
TEST(AdoptedNode, StopsThoughAHandlerBlocks) {
  Diary diary;
  NodeWithParlour node(make_sync_parlour(diary));
  const auto stub = parlour::Parlour::NewStub(channel_to(*node));
  std::jthread caller([&] {
    grpc::ClientContext context;
    context.AddMetadata("x-do", "hold");
    parlour::Answer answer;
    EXPECT_FALSE(stub->Say(&context, {}, &answer).ok());
  });
  diary.wait_for("handler");
  const Status stopped = node->stop();
  EXPECT_EQ(stopped.code(), Errc::kDeadlineExceeded) << stopped.to_string();
  diary.note("release");
}

}  // namespace
}  // namespace brontes::testing
