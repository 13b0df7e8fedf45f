// Channels that speak TLS to nodes that do.
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/channel/grpc_transport.hpp>

#include "../runtime/certificates.hpp"
#include "node_world.hpp"

namespace brontes::testing {
namespace {

using SayHello = GreeterMethods::SayHello;

struct TlsChannel : ::testing::Test {
  static void SetUpTestSuite() {
    certificates = new Certificates;
    certificates->make_ca("ca");
    certificates->make_ca("other-ca");
    certificates->make_signed("server", "ca");
    certificates->make_signed("greeter", "ca", "DNS:greeter");
    certificates->make_signed("address", "ca", "IP:127.0.0.1");
    certificates->make_signed("client", "ca", "URI:spiffe://test/orders");
    certificates->make_signed("stranger", "other-ca");
  }
  static void TearDownTestSuite() { delete certificates; }
  static std::string file(const std::string& name) { return certificates->file(name); }

  /// Says who calls: the name in the certificate that was shown.
  Node& start(const std::string& certificate, const std::string& client_ca = "") {
    Settings settings = settings_for_test();
    settings.registry = "memory:";
    settings.tls = {file(certificate + ".pem"), file(certificate + ".key"),
                    client_ca.empty() ? "" : file(client_ca + ".pem")};
    Functions<GreeterMethods> greeter;
    greeter.on<SayHello>([](const Hello::HelloReq&, Hello::HelloReply& reply, Call& call) {
      reply.set_message("hello, " + call.peer_identity().name());
      return Status();
    });
    node = std::make_unique<Node>(settings, system);
    node->serve<GreeterMethods>(greeter);
    EXPECT_EQ(node->start(), Status());
    return *node;
  }
  std::string target() const { return "static://127.0.0.1:" + std::to_string(node->port()); }

  Expected<Channel> open(ClientTls tls, const std::string& at) {
    ChannelOptions options;
    options.tls = std::move(tls);
    return Channel::open(system, at, options);
  }
  /// What the call got, made by call<M>: the message, or the code.
  std::string by_call(const Channel& channel, Duration timeout = kHang) {
    CallOptions options;
    options.timeout = timeout;
    const auto reply = call<SayHello>(channel, Hello::HelloReq(), options).wait();
    return reply ? reply->message() : std::string(to_string(reply.error().code()));
  }
  /// The same, made by a stock stub.
  std::string by_stub(const Channel& channel) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(std::chrono::system_clock::now() + kHang);
    Hello::HelloReply reply;
    const auto stub = Hello::Greeter::NewStub(channel.stub_channel());
    const auto status = stub->SayHello(&context, Hello::HelloReq(), &reply);
    return status.ok() ? reply.message() : "failed: " + status.error_message();
  }
  /// Whether the channel comes to believe the server.
  bool believes(ClientTls tls) {
    auto channel = open(std::move(tls), target());
    EXPECT_TRUE(channel) << channel.error().to_string();
    const TimePoint until = after(system.clock(), kHang);
    while (system.clock().now() < until) {
      const Status ready = channel->wait_ready(1ms);
      if (ready.ok()) return true;
      if (ready.message().find("failing") != std::string::npos) return false;
    }
    ADD_FAILURE() << "neither ready nor failing";
    return false;
  }

  static Certificates* certificates;
  System system{{.threads = 2}};
  std::unique_ptr<Node> node;
};
Certificates* TlsChannel::certificates = nullptr;

TEST_F(TlsChannel, ShowsItsCertificateToThoseWhoAskAndTheCallHasItsName) {
  start("server", "ca");
  // [tls]
  ChannelOptions options;
  options.tls =
      ClientTls{.ca = file("ca.pem"),
                .certificate = file("client.pem"),  // and key: where servers ask who calls
                .key = file("client.key"),
                .server_name = "localhost"};
  // [tls]
  const auto balanced = Channel::open(system, target(), options);
  const auto plain = Channel::open(system, "127.0.0.1:" + std::to_string(node->port()), options);
  for (const auto& channel : {balanced, plain}) {
    ASSERT_TRUE(channel);
    EXPECT_EQ(by_stub(*channel), "hello, spiffe://test/orders");
    EXPECT_EQ(by_call(*channel), "hello, spiffe://test/orders");
  }
}

TEST_F(TlsChannel, WithoutACertificateIsNobodyOrTurnedAway) {
  start("server");
  EXPECT_EQ(by_call(*open({file("ca.pem"), "", "", "localhost"}, target())), "hello, ");
  node.reset();
  start("server", "ca");
  EXPECT_FALSE(believes({file("ca.pem"), "", "", "localhost"}));
  EXPECT_FALSE(believes({file("ca.pem"), file("stranger.pem"), file("stranger.key"), "localhost"}));
  EXPECT_TRUE(believes({file("ca.pem"), file("client.pem"), file("client.key"), "localhost"}));
}

TEST_F(TlsChannel, BelievesOnlyCertificatesOfItsCaAndOfTheName) {
  start("server");
  EXPECT_TRUE(believes({file("ca.pem"), "", "", "localhost"}));
  EXPECT_FALSE(believes({file("other-ca.pem"), "", "", "localhost"}));
  EXPECT_FALSE(believes({"", "", "", "localhost"}));  // no CA of the system has signed it
  EXPECT_FALSE(believes({file("ca.pem"), "", "", "elsewhere"}));
  EXPECT_FALSE(believes({file("ca.pem"), "", "", ""}));  // of 127.0.0.1
}

TEST_F(TlsChannel, NameIsTheHostThatIsDialledWhereNothingElseHasOne) {
  start("address");
  EXPECT_TRUE(believes({file("ca.pem"), "", "", ""}));
  // A stub that waits tries both; on the second one nobody listens.
  EXPECT_EQ(by_stub(*open({file("ca.pem"), "", "", ""}, target() + ",127.0.0.1:9")), "hello, ");
}

TEST_F(TlsChannel, NameIsThatOfTheServiceWhereARegistryKnowsIt) {
  start("greeter");
  ChannelOptions options;
  options.tls = ClientTls{.ca = file("ca.pem")};
  auto channel = Channel::open(node->discovery(), "discovery:///greeter/v1", options);
  ASSERT_TRUE(channel) << channel.error().to_string();
  EXPECT_EQ(by_call(*channel), "hello, ");
  EXPECT_EQ(by_stub(*channel), "hello, ");
}

TEST_F(TlsChannel, PlainChannelsAreNotServed) {
  start("server");
  const auto channel = Channel::open(system, target());
  ASSERT_TRUE(channel);
  EXPECT_EQ(by_call(*channel, 100ms), "UNAVAILABLE");
}

TEST_F(TlsChannel, AndATransportOfOnesOwnExcludeEachOther) {
  ChannelOptions options;
  options.tls = ClientTls{.ca = file("ca.pem")};
  options.transport = make_grpc_transport(system.clock());
  const auto channel = Channel::open(system, "static://127.0.0.1:1", options);
  ASSERT_FALSE(channel);
  EXPECT_EQ(channel.error().code(), Errc::kInvalidArgument);
}

TEST_F(TlsChannel, BadFilesAreToldWhenItOpens) {
  const auto error = [&](ClientTls tls) {
    const auto channel = open(std::move(tls), "static://127.0.0.1:1");
    return channel ? std::string("opened") : channel.error().to_string();
  };
  const std::string begin = "INVALID_ARGUMENT: open a channel to static://127.0.0.1:1: TLS ";
  EXPECT_EQ(error({file("none.pem"), "", "", ""}),
            begin + "CA '" + file("none.pem") + "': cannot be read: No such file or directory");
  EXPECT_EQ(error({file("ca.key"), "", "", ""}),
            begin + "CA '" + file("ca.key") + "': no certificate in PEM form");
  EXPECT_EQ(error({"", file("client.pem"), "", ""}),
            begin + "certificate '" + file("client.pem") + "': its key is missing");
  EXPECT_EQ(error({"", "", file("client.key"), ""}),
            begin + "key '" + file("client.key") + "': its certificate is missing");
  EXPECT_EQ(error({"", file("client.pem"), file("server.key"), ""}),
            begin + "key '" + file("server.key") + "': does not belong to certificate '" +
                file("client.pem") + "'");
  EXPECT_EQ(
      error({"", file("client.pem"), file("client.pem"), ""}),
      begin + "key '" + file("client.pem") + "': no private key in PEM form without pass phrase");
}

}  // namespace
}  // namespace brontes::testing
