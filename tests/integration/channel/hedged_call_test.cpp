// Hedged calls and what retries tell servers, over real connections.
#include <future>
#include <thread>

#include "channel_fixture.hpp"

namespace brontes::testing {
namespace {

struct HedgedCallTest : ChannelTest {
  static ChannelOptions hedged() {
    // [methods]
    ChannelOptions options;
    options.methods["brontes.testing.Echo"] = MethodPolicy{.timeout = 30s};
    options.methods["brontes.testing.Echo/Say"] =
        MethodPolicy{.idempotent = true, .hedging = HedgingPolicy{.delay = 20ms}};
    // [/methods]
    options.hedge_budget = 1;
    return options;
  }
};

TEST_F(HedgedCallTest, IsAnsweredByAnotherServerWhileOneHangsWhichHearsThatNobodyWaits) {
  std::promise<void> told;
  a->service.on_say = [&](grpc::ServerContext& context, auto&, auto&) {
    while (!context.IsCancelled()) std::this_thread::yield();
    told.set_value();
    return grpc::Status::CANCELLED;
  };
  const Channel channel = open(both(), 2, hedged());
  const auto one = call<Say>(channel, Ask()), two = call<Say>(channel, Ask());
  for (const auto& each : {one, two}) {
    const auto said = each.wait();
    ASSERT_TRUE(said) << said.error().to_string();
    EXPECT_EQ(said->text(), "B");
    EXPECT_EQ(each.facts().address, b->address());
  }
  EXPECT_EQ(a->service.calls, 1);
  told.get_future().wait();
}

TEST_F(HedgedCallTest, SaysToServersThatItIsMadeAgainByTheCaller) {
  std::promise<std::string> owner;
  a->service.on_say = [&](grpc::ServerContext& context, auto&, auto&) {
    const auto at = context.client_metadata().find("x-retry-owner");
    owner.set_value(at == context.client_metadata().end()
                        ? ""
                        : std::string(at->second.data(), at->second.size()));
    return grpc::Status::OK;
  };
  ASSERT_TRUE(call<Say>(open("static://" + a->address(), 1), Ask()).wait());
  EXPECT_EQ(owner.get_future().get(), "1");
}

}  // namespace
}  // namespace brontes::testing
