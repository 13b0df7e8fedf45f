// From the record to the call: announce, call, drain, withdraw, and a registry that goes away.
#include <brontes/discovery/discovery.hpp>
#include <brontes/discovery/discovery_actors.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "channel_fixture.hpp"

namespace brontes::testing {
namespace {

struct RegistryChannel : ChannelTest {
  Announcement announce(const std::string& id, const EchoServer& server,
                        const std::string& version = "v1") {
    Instance instance;
    instance.name = "echo";
    instance.version = version;
    instance.instance_id = id;
    instance.address = server.address();
    auto announcement = discovery.announce(std::move(instance));
    EXPECT_TRUE(announcement) << announcement.error().to_string();
    return std::move(*announcement);
  }
  Channel open_echo() {
    auto channel = Channel::open(discovery, "discovery:///echo/v1", in_turns());
    EXPECT_TRUE(channel) << channel.error().to_string();
    return *channel;
  }
  static void await(const Channel& channel, std::size_t count) {
    ASSERT_TRUE(channel.wait_ready(kHang, count).ok());
    while (called(channel) != count) std::this_thread::yield();
  }
  void set_faults(const SetFaults& faults) {
    const auto open = discovery.actors().registries->open("memory:");
    ASSERT_TRUE(open);
    tell(memory_control(open->registry), faults);
  }
  grpc::Status say(const Channel& channel) {
    const auto stub = Echo::NewStub(channel.stub_channel());
    grpc::ClientContext context;
    return stub->Say(&context, {}, &answer);
  }

  Discovery discovery{system};
  Answer answer;
};

TEST_F(RegistryChannel, CallsWhoIsAnnouncedUntilDrainedOrWithdrawn) {
  auto first = announce("a", *a);
  auto other_version = announce("c", *b, "v2");
  const Channel channel = open_echo();
  await(channel, 1);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(call<Say>(channel, {}).wait());
  EXPECT_EQ(a->service.calls, 4);
  EXPECT_EQ(b->service.calls, 0);

  ASSERT_TRUE(other_version.withdraw().get().ok());
  auto second = announce("b", *b);
  await(channel, 2);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(say(channel).ok());
  EXPECT_EQ(b->service.calls, 2);

  ASSERT_TRUE(second.drain().get().ok());
  await(channel, 1);
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(say(channel).ok());
  EXPECT_EQ(b->service.calls, 2);

  ASSERT_TRUE(first.withdraw().get().ok());
  await(channel, 0);
  const auto status = say(channel);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  // The withdrawn one was drained first: it may or may not have left the snapshot yet.
  EXPECT_NE(status.error_message().find(" drained"), std::string::npos) << status.error_message();
}

TEST_F(RegistryChannel, ACallWaitsForWhoeverIsAnnouncedNext) {
  const Channel channel = open_echo();
  const auto waiting = call<Say>(channel, {});
  const auto announcement = announce("a", *a);
  const auto said = waiting.wait();
  ASSERT_TRUE(said) << said.error().to_string();
  EXPECT_EQ(said->text(), "A");
}

TEST_F(RegistryChannel, StockStubsAreToldThatTheRegistryWasNotHeardFromYet) {
  SetFaults silent;
  silent.silent = true;
  set_faults(silent);
  const Channel channel = open_echo();
  const auto status = say(channel);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_NE(status.error_message().find("not heard from yet; call wait_ready()"), std::string::npos)
      << status.error_message();
}

TEST_F(RegistryChannel, LosingTheRegistryBreaksNoCallAndGettingItBackNeedsNoRestart) {
  std::mutex mutex;
  std::condition_variable changed;
  SnapshotStatus seen = SnapshotStatus::kPending;
  const auto subscription =
      discovery.subscribe("discovery:///echo/v1", [&](const DiscoveryEvent& event) {
        const std::lock_guard lock(mutex);
        seen = event.snapshot->status;
        changed.notify_all();
      });
  const auto await_status = [&](SnapshotStatus status) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, kHang, [&] { return seen == status; });
  };
  auto first = announce("a", *a);
  const Channel channel = open_echo();
  await(channel, 1);

  SetFaults gone;
  gone.unavailable = true;
  set_faults(gone);
  ASSERT_TRUE(await_status(SnapshotStatus::kStale));
  ASSERT_TRUE(say(channel).ok());
  ASSERT_TRUE(call<Say>(channel, {}).wait());

  set_faults({});
  ASSERT_TRUE(await_status(SnapshotStatus::kLive));
  auto second = announce("b", *b);
  await(channel, 2);
}

TEST_F(RegistryChannel, SaysWhichTargetsItCannotOpen) {
  const auto error = [&](const std::string& target) {
    const auto channel = Channel::open(discovery, target);
    return channel ? Status() : channel.error();
  };
  EXPECT_EQ(error("etcd:///echo").code(), Errc::kFailedPrecondition);
  EXPECT_EQ(error("discovery:///").code(), Errc::kInvalidArgument);
  EXPECT_EQ(error("discovery://10.0.0.7/echo").code(), Errc::kInvalidArgument);
}

}  // namespace
}  // namespace brontes::testing
