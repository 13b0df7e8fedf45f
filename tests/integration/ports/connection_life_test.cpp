// How connections of gRPC are policed and asked to leave on a shared port: by gRPC itself.
#include "port_world.hpp"

namespace brontes::testing {
namespace {

using namespace std::string_literals;

class ConnectionLife : public EachForm {
 protected:
  /// A client of HTTP/2 whose connection gRPC has taken.
  static std::unique_ptr<RawClient> connect(const PortWorld& world) {
    auto client = std::make_unique<RawClient>(world.port(), world.raw({"h2"}));
    client->write(http2_opening());
    EXPECT_EQ(read_frame(*client).type, kSettingsFrame);
    return client;
  }
};
BRONTES_EACH_FORM(ConnectionLife);

TEST_P(ConnectionLife, PingsTooOftenEndIt) {
  PortWorld world({GetParam()});
  const auto client = connect(world);
  // One after the other: a ping that comes when gRPC closes would reset the connection.
  Http2Frame goodbye;
  for (int i = 0; i < 10 && goodbye.type != kGoAwayFrame; ++i) {
    client->write("\0\0\x08\6\0\0\0\0\0"s + "12345678");
    do goodbye = read_frame(*client);
    while (goodbye.type >= 0 && goodbye.type != kPingFrame && goodbye.type != kGoAwayFrame);
  }
  EXPECT_TRUE(goodbye.payload.ends_with("too_many_pings")) << goodbye.payload;
  EXPECT_TRUE(world.eventually([](const auto& counts) { return counts.open == 0; }));
}

TEST_P(ConnectionLife, PingsWithinTheRulesDoNot) {
  PortOptions options{GetParam()};
  options.grpc.min_client_ping = Duration::zero();
  PortWorld world(std::move(options));
  const auto client = connect(world);
  constexpr int kAck = 1;
  for (int i = 0; i < 10; ++i) {
    client->write("\0\0\x08\6\0\0\0\0\0"s + "12345678");
    EXPECT_EQ(read_frame_of(*client, kPingFrame).flags, kAck);
  }
}

TEST_P(ConnectionLife, SilentPeersArePingedAndThenClosed) {
  PortOptions options{GetParam()};
  options.grpc.keepalive_time = options.grpc.keepalive_timeout = std::chrono::milliseconds(10);
  PortWorld world(std::move(options));
  const auto client = connect(world);
  EXPECT_EQ(read_frame_of(*client, kPingFrame).flags, 0);  // and no answer
  EXPECT_TRUE(world.eventually([](const auto& counts) { return counts.open == 0; }));
}

TEST_P(ConnectionLife, AgeEndsItWithGoAway) {
  PortOptions options{GetParam()};
  options.grpc.max_connection_age = std::chrono::milliseconds(1);
  PortWorld world(std::move(options));
  const auto client = connect(world);
  EXPECT_EQ(read_frame_of(*client, kGoAwayFrame).type, kGoAwayFrame);
}

TEST_P(ConnectionLife, DrainSaysGoAwayAndLetsCallsEnd) {
  PortWorld world({GetParam()});
  const auto bystander = connect(world);
  const auto stub = world.stub();
  Context context;
  const auto chat = stub->Chat(&context);
  Answer answer;
  ASSERT_TRUE(chat->Write(ask_for("before")));
  ASSERT_TRUE(chat->Read(&answer));

  world.grpc().drain();
  EXPECT_EQ(read_frame_of(*bystander, kGoAwayFrame).type, kGoAwayFrame);
  bystander->close();  // does as it was told; gRPC waits up to 20 s for those that do not
  ASSERT_TRUE(chat->Write(ask_for("while draining")));
  ASSERT_TRUE(chat->Read(&answer));
  EXPECT_EQ(answer.text(), "while draining");
  chat->WritesDone();
  EXPECT_TRUE(chat->Finish().ok());
  world.grpc().wait();

  RawClient late(world.port(), world.raw({"h2"}));
  late.write(http2_opening());
  EXPECT_EQ(read_frame(late).type, -1);
}

}  // namespace
}  // namespace brontes::testing
