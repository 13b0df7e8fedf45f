// Who calls: the real address and the proved identity, through every door and form.
#include "../runtime/client_address.hpp"
#include "port_world.hpp"

namespace brontes::testing {
namespace {

const std::string kClient =
    " name=spiffe://test/orders cn=client uris=spiffe://test/orders dns=orders.test,b.test;";
const std::string kNobody = " name= cn= uris= dns=;";

class Peer : public EachForm {
 protected:
  static const std::string& who() { return GetParam() == Form::kMutual ? kClient : kNobody; }
  static std::string ask(Echo::Stub& stub) {
    Context context;
    // What a caller says about itself counts for nothing.
    for (const char* key : {"x-forwarded-for", "x-real-ip", "x-forwarded-client-cert",
                            "x509_common_name", "peer_uri", "x-peer-identity"})
      context.AddMetadata(key, "spiffe://evil");
    Answer answer;
    const auto status = stub.Say(&context, ask_for("x"), &answer);
    return status.ok() ? answer.text() : status.error_message();
  }
};
BRONTES_EACH_FORM(Peer);

TEST_P(Peer, OfRestIsTheSocketsOwnWhateverHeadersSay) {
  PortWorld world({GetParam()});
  RawClient client(world.port(), world.raw());
  client.write(say_request(
      "X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Real-Ip: 6.6.6.6\r\n"
      "X-Forwarded-Client-Cert: URI=spiffe://evil\r\n"
      "Grpc-Metadata-X509_common_name: evil\r\nGrpc-Metadata-Peer_uri: spiffe://evil\r\n"
      "Grpc-Metadata-X-Peer-Identity: evil\r\n"));
  const std::string reply = read_reply(client);
  EXPECT_NE(reply.find("\"peer=ipv4:" + client.own_address() + who()), std::string::npos) << reply;
}

TEST_P(Peer, OfGrpcIsTheSocketsOwnWhateverMetadataSays) {
  PortWorld world({GetParam()});
  const auto stub = world.stub();
  const std::string answer = ask(*stub);
  EXPECT_EQ(answer, "peer=ipv4:" + client_address(world.port()) + who());
}

TEST_P(Peer, IsIpv6WhereTheSocketIs) {
  PortOptions options{GetParam()};
  options.change = [](ListenerOptions& listener) { listener.address = "[::1]:0"; };
  PortWorld world(std::move(options));
  RawOptions raw = world.raw();
  raw.to = "::1";
  RawClient client(world.port(), raw);
  if (!client.connected()) GTEST_SKIP() << "no IPv6 here";
  client.write(say_request());
  const std::string reply = read_reply(client);
  EXPECT_NE(reply.find("peer=ipv6:" + client.own_address() + who()), std::string::npos) << reply;
}

TEST_P(Peer, IsIpv4AlsoOnAPortForBoth) {
  PortOptions options{GetParam()};
  options.change = [](ListenerOptions& listener) { listener.address = ":0"; };
  PortWorld world(std::move(options));
  RawClient client(world.port(), world.raw());
  client.write(say_request());
  const std::string reply = read_reply(client);
  EXPECT_NE(reply.find("peer=ipv4:" + client.own_address() + who()), std::string::npos) << reply;
  client.close();
  const auto stub = world.stub();
  const std::string answer = ask(*stub);
  EXPECT_EQ(answer, "peer=ipv4:" + client_address(world.port()) + who());
}

TEST(PeerIdentity, IsKnownToRoutesOfOnesOwn) {
  PortWorld world({Form::kMutual});
  ASSERT_TRUE(world.http()
                  .route("GET", "/who",
                         [](const HttpRequest& request) {
                           return HttpResponse::text(request.peer_identity.name());
                         })
                  .ok());
  RawClient client(world.port(), world.raw());
  client.write("GET /who HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(read_reply(client).ends_with("spiffe://test/orders"));
}

TEST(PeerIdentity, StaysWhenASessionIsResumed) {
  PortWorld world({Form::kMutual});
  const std::string command =
      "printf 'POST /brontes.testing.Echo/Say HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 2\\r\\n"
      "Connection: close\\r\\n\\r\\n{}' | openssl s_client -quiet -ign_eof -connect 127.0.0.1:" +
      std::to_string(world.port()) + " -cert " + certificates().file("client.pem") + " -key " +
      certificates().file("client.key");
  const std::string session = certificates().file("session");
  const std::string first = output_of(command + " -sess_out " + session + " 2>&1");
  EXPECT_NE(first.find(kClient), std::string::npos) << first;
  const std::string second = output_of(command + " -sess_in " + session + " 2>&1");
  EXPECT_NE(second.find(kClient), std::string::npos) << second;
}

TEST(PeerIdentity, PrefersAUriThenADnsNameThenTheCommonName) {
  PeerIdentity who;
  EXPECT_TRUE(who.empty());
  EXPECT_EQ(who.name(), "");
  who.common_name = "cn";
  EXPECT_EQ(who.name(), "cn");
  who.dns_names = {"a.test", "b.test"};
  EXPECT_EQ(who.name(), "a.test");
  who.uris = {"spiffe://a"};
  EXPECT_EQ(who.name(), "spiffe://a");
  EXPECT_TRUE(who.has_name("b.test"));
  EXPECT_FALSE(who.has_name("cn")) << "clients may choose it";
}

}  // namespace
}  // namespace brontes::testing
