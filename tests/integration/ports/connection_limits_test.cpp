// How many connections there may be, in all and of one address.
#include "port_world.hpp"

namespace brontes::testing {
namespace {

PortOptions limited(Form form, std::size_t in_all, std::size_t per_address) {
  PortOptions options{form};
  options.change = [=](ListenerOptions& listener) {
    listener.max_connections = in_all;
    listener.max_per_address = per_address;
  };
  return options;
}

bool says(Echo::Stub& stub) {
  Context context;
  Answer answer;
  return stub.Say(&context, ask_for("x"), &answer).ok();
}

bool says(RawClient& client) {
  client.write(say_request());
  return read_reply(client).starts_with("HTTP/1.1 200");
}

class ConnectionLimits : public EachForm {};
BRONTES_EACH_FORM(ConnectionLimits);

TEST_P(ConnectionLimits, InAllCountGrpcAndHttpAsLongAsTheyLive) {
  PortWorld world(limited(GetParam(), 2, 0));
  auto grpc = world.stub();
  ASSERT_TRUE(says(*grpc));
  RawClient http(world.port(), world.raw());
  ASSERT_TRUE(says(http));
  EXPECT_TRUE(RawClient(world.port()).closed_by_peer());
  EXPECT_EQ(world.counts().refused, 1u);
  EXPECT_EQ(world.counts().crowding, 0u);

  grpc.reset();
  EXPECT_TRUE(world.eventually([](const auto& counts) { return counts.open == 1; }));
  EXPECT_TRUE(says(*world.stub()));
  http.close();
  EXPECT_TRUE(world.eventually([](const auto& counts) { return counts.open == 0; }));
  RawClient again(world.port(), world.raw());
  EXPECT_TRUE(says(again));
}

TEST_P(ConnectionLimits, PerAddressLeaveRoomForOthers) {
  PortWorld world(limited(GetParam(), 100, 2));
  auto grpc = world.stub();
  ASSERT_TRUE(says(*grpc));
  RawClient http(world.port(), world.raw());
  ASSERT_TRUE(says(http));
  EXPECT_TRUE(RawClient(world.port()).closed_by_peer());
  EXPECT_EQ(world.counts().refused, 1u);
  EXPECT_EQ(world.counts().crowding, 1u);

  RawOptions elsewhere = world.raw();
  elsewhere.from = "127.0.0.2";
  RawClient other(world.port(), elsewhere);
  EXPECT_TRUE(says(other));

  // Nobody asks for the counts here: the limit itself has to find out that one has gone.
  http.close();
  for (bool served = false; !served;) {
    RawClient client(world.port(), world.raw());
    served = client.connected() && says(client);
  }
}

TEST(ConnectionLimit, PerAddressHoldsWhileConnectionsAreUndecided) {
  PortWorld world(limited(Form::kPlain, 100, 1));
  {
    RawClient silent(world.port());
    EXPECT_TRUE(world.eventually([](const auto& counts) { return counts.open == 1; }));
    EXPECT_TRUE(RawClient(world.port()).closed_by_peer());
  }
  EXPECT_TRUE(world.eventually([](const auto& counts) { return counts.open == 0; }));
  RawClient refused_later(world.port());
  refused_later.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x7f");
  RawClient client(world.port());
  EXPECT_TRUE(client.closed_by_peer()) << "the one before is still there";
}

TEST(ConnectionLimit, PerAddressDoesNotCountThoseThatCameWhileItSparedAll) {
  PortOptions options = limited(Form::kPlain, 100, 1);
  auto spares = std::make_shared<std::atomic<bool>>(true);
  options.change = [spares, limit = options.change](ListenerOptions& listener) {
    limit(listener);
    listener.spare_addresses = [spares] { return spares->load(); };
  };
  PortWorld world(std::move(options));
  RawClient first(world.port()), second(world.port());
  ASSERT_TRUE(says(first) && says(second));
  *spares = false;
  RawClient third(world.port());
  EXPECT_TRUE(says(third));
  EXPECT_TRUE(RawClient(world.port()).closed_by_peer());
  first.close();
  second.close();
  EXPECT_TRUE(world.eventually([](const auto& counts) { return counts.open == 1; }));
  EXPECT_TRUE(RawClient(world.port()).closed_by_peer()) << "the third is still there";
}

TEST(ConnectionLimit, OfAGrpcPortOfItsOwnIsTheSame) {
  auto options = on_any_port();
  options.max_per_address = 1;
  GrpcWorld world(options);
  Context context;
  Answer answer;
  ASSERT_TRUE(world.stub->Say(&context, ask_for("x"), &answer).ok());
  EXPECT_TRUE(RawClient(world.door->port()).closed_by_peer());
  RawOptions elsewhere;
  elsewhere.from = "127.0.0.2";
  RawClient other(world.door->port(), elsewhere);
  other.write(http2_opening());
  EXPECT_EQ(read_frame(other).type, kSettingsFrame);
}

}  // namespace
}  // namespace brontes::testing
