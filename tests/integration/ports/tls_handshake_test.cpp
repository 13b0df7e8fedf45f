// Handshakes on a shared port: who gets whom, and what becomes of those that fail.
#include <future>

#include "port_world.hpp"

namespace brontes::testing {
namespace {

using namespace std::chrono_literals;
using Alpn = std::vector<std::string>;

const std::string kAlert("\x15\x03\x01\0\2\2\x28", 7);

TEST(TlsPort, TellsByAlpnWhoIsMeant) {
  PortWorld world({Form::kTls});
  struct {
    Alpn offered;
    std::string chosen;
    bool grpc;
  } const kCases[] = {
      {{}, "", false},
      {{"http/1.1"}, "http/1.1", false},
      {{"h2", "http/1.1"}, "http/1.1", false},
      {{"http/1.1", "h2"}, "http/1.1", false},
      {{"\x0a\x0a", "http/1.0"}, "http/1.0", false},
      {{"h2"}, "h2", true},
      {{"grpc-exp", "h2"}, "grpc-exp", true},
      {{"grpc-exp", "h2", "http/1.1"}, "grpc-exp", true},
      {{"h2-16", "h2"}, "h2", true},
  };
  for (const auto& [offered, chosen, grpc] : kCases) {
    const auto before = world.counts();
    RawClient client(world.port(), world.raw(offered));
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.alpn(), chosen);
    EXPECT_EQ(world.counts().grpc - before.grpc, grpc ? 1u : 0u);
    client.write(grpc ? http2_opening() : say_request());
    if (grpc)
      EXPECT_EQ(read_frame(client).type, kSettingsFrame);
    else
      EXPECT_TRUE(read_reply(client).starts_with("HTTP/1.1 200"));
  }
}

// As they are: curl offers h2 and http/1.1, as browsers do, and clients of gRPC offer h2 alone.
TEST(TlsPort, ServesRestToCurlAndGrpcToItsClientsOnOnePort) {
  if (output_of("curl --version 2>&1").find("HTTP2") == std::string::npos)
    GTEST_SKIP() << "no curl here that offers h2";
  PortWorld world({Form::kTls});
  const std::string host = "localhost:" + std::to_string(world.port());
  const std::string seen = output_of(
      "curl -vsS -m 20 --noproxy '*' -d '{\"name\":\"x\"}' -w ' %{http_version} %{http_code}' "
      "--resolve " +
      host + ":127.0.0.1 --cacert " + certificates().file("ca.pem") + " https://" + host +
      "/brontes.testing.Echo/Say 2>&1");
  EXPECT_NE(seen.find("h2,http/1.1"), std::string::npos) << seen;
  EXPECT_TRUE(seen.ends_with(" 1.1 200")) << seen;
  EXPECT_EQ(world.counts().grpc, 0u);
  Context context;
  Answer answer;
  EXPECT_TRUE(world.stub()->Say(&context, ask_for("x"), &answer).ok());
  EXPECT_EQ(world.counts().grpc, 1u);
}

TEST(TlsPort, TurnsProtocolsAwayThatNobodySpeaks) {
  PortWorld world({Form::kTls});
  EXPECT_FALSE(RawClient(world.port(), world.raw({"ftp"})).connected());
  EXPECT_TRUE(world.eventually([&](auto) { return world.http().handshakes().failed == 1; }));
}

TEST(TlsPort, ReadsAHelloThatComesByteByByte) {
  for (const Alpn& offered : {Alpn{"h2"}, Alpn{"http/1.1"}}) {
    PortWorld world({Form::kTls});
    RawClient client(world.port());
    for (const char byte : client_hello(offered)) client.write({&byte, 1});
    EXPECT_EQ(client.read(1), "\x16") << "the server's hello";
    EXPECT_EQ(world.counts().grpc, offered.front() == "h2" ? 1u : 0u);
  }
}

TEST(TlsPort, PlainHttpIsToldToUseHttps) {
  PortWorld world({Form::kTls});
  RawClient client(world.port());
  client.write(say_request());
  const std::string reply = client.read_all();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ")) << reply;
  EXPECT_TRUE(reply.ends_with("\r\n\r\nThis port speaks TLS: use https\n")) << reply;
  EXPECT_EQ(world.counts().unwanted, 1u);
}

// Nobody can know what it was to be: the first byte decides.
TEST(TlsPort, AnyOtherPlainTextIsToldTheSame) {
  PortWorld world({Form::kTls});
  for (const std::string bytes : {"G", "hello\n", "\x80\x2e\x01", "\xff\xff"}) {
    RawClient client(world.port());
    client.write(bytes);
    EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 400 ")) << bytes;
  }
}

TEST(TlsPort, PlainGrpcAndDamagedHellosAreClosed) {
  PortWorld world({Form::kTls});
  RawClient grpc(world.port()), damaged(world.port()), endless(world.port());
  grpc.write(http2_opening());
  EXPECT_TRUE(grpc.closed_by_peer());
  damaged.write(std::string("\x16\x03\x01\0\4\2\0\0\0", 9));
  EXPECT_EQ(damaged.read_all(), kAlert);
  endless.write(std::string("\x16\x03\x01\x40\0\1\xff\xff\xff", 9));
  EXPECT_EQ(endless.read_all(), kAlert);
  EXPECT_EQ(world.counts().unwanted, 3u);
}

TEST(TlsPort, PlainStubsAndTlsStubsOnTheWrongPortFailAtOnce) {
  PortWorld plain({Form::kPlain}), tls({Form::kTls});
  Answer answer;
  const auto code = [&](const std::string& target, const auto& credentials) {
    const auto stub = Echo::NewStub(grpc::CreateChannel(target, credentials));
    Context context;
    return stub->Say(&context, ask_for("x"), &answer).error_code();
  };
  const std::string host = "127.0.0.1:";
  EXPECT_EQ(code(host + std::to_string(tls.port()), grpc::InsecureChannelCredentials()),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(code(host + std::to_string(plain.port()), grpc::SslCredentials({})),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_GE(tls.counts().unwanted, 1u);
  EXPECT_GE(plain.counts().unwanted, 1u);
}

TEST(TlsPort, OldVersionsAreTurnedAwayByBothDoors) {
  PortWorld world({Form::kTls});
  for (const Alpn& offered : {Alpn{"h2"}, Alpn{"http/1.1"}}) {
    RawOptions options = world.raw(offered);
    options.newest = TLS1_1_VERSION;
    EXPECT_FALSE(RawClient(world.port(), options).connected());
    options.newest = TLS1_2_VERSION;
    EXPECT_TRUE(RawClient(world.port(), options).connected());
  }
}

TEST(TlsPort, HalfAHelloIsCutOffAndCounted) {
  PortOptions options{Form::kTls};
  options.change = [](ListenerOptions& listener) { listener.patience = 10ms; };
  PortWorld world(std::move(options));
  RawClient client(world.port());
  client.write(client_hello({"h2"}).substr(0, 50));
  EXPECT_TRUE(client.closed_by_peer());
  EXPECT_EQ(world.counts().timed_out, 1u);
  EXPECT_EQ(world.counts().open, 0u);
}

TEST(TlsPort, HandshakesThatStopHalfwayAreCutOffByBothDoors) {
  PortOptions options{Form::kTls};
  options.grpc.handshake_timeout = options.http.header_timeout = 10ms;
  PortWorld world(std::move(options));
  for (const Alpn& offered : {Alpn{"h2"}, Alpn{"http/1.1"}}) {
    RawClient client(world.port());
    client.write(client_hello(offered));
    EXPECT_FALSE(client.read_all().empty()) << "the server's part, and then the end";
  }
  EXPECT_TRUE(world.eventually([](const auto& counts) { return counts.open == 0; }));
  EXPECT_EQ(world.http().handshakes().timed_out, 1u);
  EXPECT_EQ(world.http().handshakes().failed, 0u);
}

TEST(TlsPort, HandshakesThatTheClientBreaksOffAreCounted) {
  PortWorld world({Form::kTls});
  {
    RawClient client(world.port());
    client.write(client_hello({"http/1.1"}));
    client.read(1);
  }
  EXPECT_TRUE(world.eventually([&](auto) { return world.http().handshakes().failed == 1; }));
}

TEST(TlsPort, WithAClientCaStrangersAreTurnedAwayByBothDoors) {
  PortWorld world({Form::kMutual});
  for (const char* who : {"", "stranger"}) {
    Context context;
    Answer answer;
    EXPECT_EQ(world.stub(who)->Say(&context, ask_for("x"), &answer).error_code(),
              grpc::StatusCode::UNAVAILABLE);
    // In TLS 1.3 the client hears of it after its handshake.
    RawClient client(world.port(), world.raw({"http/1.1"}, who));
    client.write(say_request());
    EXPECT_EQ(client.read_all(), "");
  }
  EXPECT_EQ(world.recorder().begun(), 0);
  EXPECT_TRUE(world.eventually([&](auto) { return world.http().handshakes().failed == 2; }));
}

}  // namespace
}  // namespace brontes::testing
