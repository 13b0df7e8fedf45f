// The chain of a node is passed once by each call, through whichever door it comes and whatever
// serves it; and it sees who calls.
#include <map>

#include "../ports/raw_client.hpp"
#include "../runtime/certificates.hpp"
#include "node_with_parlour.hpp"
#include "testsvc.brontes.hpp"
#include "testsvc.grpc.pb.h"

namespace brontes::testing {
namespace {

using gwtest::v1::EchoServiceMethods;
using gwtest::v1::Small;

/// How often it was asked, and whom it saw, by method: "/a.B/C headers", "/a.B/C done NAME".
class Counter final : public Interceptor {
 public:
  const char* name() const override { return "counter"; }
  Status on_headers(Call& call) override {
    add(call, " headers");
    return {};
  }
  Status on_request(Call& call, const Message&) override {
    add(call, " request");
    return {};
  }
  void on_done(const Call& call, const Outcome& outcome) noexcept override {
    EXPECT_TRUE(outcome.status.ok()) << outcome.status.to_string();
    add(call, " done" + call.peer_identity().name());
  }
  std::map<std::string, int> counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  void add(const Call& call, const std::string& what) {
    const std::lock_guard lock(mutex_);
    ++counts_[std::string(call.method().path) + what];
  }

  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

struct Style {
  bool callback, tls;
};

std::string name_of_style(const ::testing::TestParamInfo<Style>& info) {
  return std::string(info.param.callback ? "Callback" : "Sync") +
         (info.param.tls ? "MutualTls" : "Plain");
}

class ChainOfANode : public ::testing::TestWithParam<Style> {
 protected:
  ChainOfANode() {
    if (GetParam().tls) {
      files_.make_ca("ca");
      files_.make_signed("server", "ca");
      files_.make_signed("client", "ca", "URI:spiffe://test/orders");
    }
    Settings settings = settings_for_parlour();
    if (GetParam().tls)
      settings.tls = {files_.file("server.pem"), files_.file("server.key"), files_.file("ca.pem")};
    node_ = std::make_unique<NodeWithParlour>(
        GetParam().callback ? make_callback_parlour(diary_) : make_sync_parlour(diary_),
        [this](Node& node) {
          Functions<EchoServiceMethods> native;
          native.on<EchoServiceMethods::MirrorSmall>([](const Small& request, Small& reply) {
            reply = request;
            return Status();
          });
          node.serve(native).intercept(counter_);
        },
        settings);
  }

  void ask_by_grpc() {
    const auto credentials = [this] {
      if (!GetParam().tls) return grpc::InsecureChannelCredentials();
      return grpc::SslCredentials(
          {files_.text("ca.pem"), files_.text("client.key"), files_.text("client.pem")});
    }();
    const auto channel =
        grpc::CreateChannel("localhost:" + std::to_string((*node_)->port()), credentials);
    grpc::ClientContext adopted, native;
    parlour::Answer answer;
    Small small;
    const auto said = parlour::Parlour::NewStub(channel)->Say(&adopted, {}, &answer);
    EXPECT_TRUE(said.ok()) << said.error_message();
    const auto mirrored =
        gwtest::v1::EchoService::NewStub(channel)->MirrorSmall(&native, {}, &small);
    EXPECT_TRUE(mirrored.ok()) << mirrored.error_message();
  }

  void ask_by_rest() {
    RawOptions options{.tls = GetParam().tls, .alpn = {"http/1.1"}};
    if (GetParam().tls) {
      options.certificate = files_.file("client.pem");
      options.key = files_.file("client.key");
    }
    RawClient client((*node_)->http_port(), options);
    for (const char* path : {"/v1/say", "/v1/small"}) {
      client.write("POST " + std::string(path) +
                   " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
      const std::string head = client.read_until("\r\n\r\n");
      EXPECT_TRUE(head.starts_with("HTTP/1.1 200")) << head;
      client.read(std::stoul(head.substr(head.find("Content-Length: ") + 16)));
    }
  }

  Diary diary_;
  Certificates files_;
  std::shared_ptr<Counter> counter_ = std::make_shared<Counter>();
  std::unique_ptr<NodeWithParlour> node_;
};

INSTANTIATE_TEST_SUITE_P(Every, ChainOfANode,
                         ::testing::Values(Style{false, false}, Style{true, false},
                                           Style{false, true}, Style{true, true}),
                         name_of_style);

TEST_P(ChainOfANode, IsPassedOnceByEachCallAndKnowsItsCaller) {
  ask_by_grpc();
  ask_by_rest();
  EXPECT_TRUE((*node_)->stop().ok());  // then nobody counts any more
  const std::string caller = GetParam().tls ? "spiffe://test/orders" : "";
  std::map<std::string, int> twice;  // once through each door
  for (const std::string path :
       {"/brontes.parlour.Parlour/Say", "/gwtest.v1.EchoService/MirrorSmall"})
    for (const std::string& what :
         {std::string(" headers"), std::string(" request"), " done" + caller})
      twice[path + what] = 2;
  EXPECT_EQ(counter_->counts(), twice);
}

}  // namespace
}  // namespace brontes::testing
