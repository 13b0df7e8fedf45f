// Hundreds of streams at once, many of which are given up: what begins also ends, for the client,
// the handler and the chain, also when the server goes away in the middle.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <testing.grpc.pb.h>

#include <algorithm>
#include <atomic>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/service_actor.hpp>
#include <brontes/runtime/node.hpp>
#include <cstdio>
#include <memory>
#include <random>
#include <testing.brontes.hpp>
#include <vector>

#include "tally.hpp"

namespace brontes::testing {
namespace {

using Methods = EchoMethods;
constexpr int kStreams = 800, kChannels = 8;

class Counting final : public Interceptor {
 public:
  const char* name() const override { return "counting"; }
  Status on_headers(Call&) override {
    begun.one();
    return {};
  }
  void on_done(const Call&, const Outcome&) noexcept override { done.one(); }
  Tally begun, done;
};

/// Counts down from the request's count; counts itself as long as its handler has it.
class Countdown {
 public:
  Countdown(int left, std::shared_ptr<std::atomic<int>> alive)
      : left_(left), alive_(std::move(alive)) {
    ++*alive_;
  }
  Countdown(Countdown&& other) noexcept : left_(other.left_), alive_(std::move(other.alive_)) {}
  ~Countdown() {
    if (alive_) --*alive_;
  }
  bool operator()(Answer& answer) {
    answer.set_index(left_);
    return left_-- > 0;
  }

 private:
  int left_;
  std::shared_ptr<std::atomic<int>> alive_;
};

class CountdownActor final : public ServiceActor {
 public:
  explicit CountdownActor(const std::shared_ptr<std::atomic<int>>& alive) {
    on<Methods::Countdown>([alive](const Ask& ask) { return Countdown(ask.count(), alive); });
  }
};

/// Reads one stream to its end, or gives it up after so many replies.
class Reading final : public grpc::ClientReadReactor<Answer> {
 public:
  Reading(Echo::Stub& stub, int count, int give_up_after, Tally& begun, Tally& ended)
      : give_up_after_(give_up_after), begun_(begun), ended_(ended) {
    ask_.set_count(count);
    stub.async()->Countdown(&context_, &ask_, this);
    StartRead(&answer_);
    StartCall();
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    if (read_++ == 0) begun_.one();
    if (read_ == give_up_after_) context_.TryCancel();
    StartRead(&answer_);
  }
  void OnDone(const grpc::Status& status) override {
    status_ = status;
    ended_.one();
  }
  int read() const { return read_; }
  const grpc::Status& status() const { return status_; }

 private:
  const int give_up_after_;
  Tally& begun_;
  Tally& ended_;
  grpc::ClientContext context_;
  Ask ask_;
  Answer answer_;
  int read_ = 0;
  grpc::Status status_;
};

enum class Style { kFunction, kActor };

struct Storm : ::testing::TestWithParam<Style> {
  /// The node, which gives calls so long to end when it stops.
  void start(Duration drain_max) {
    Settings settings;
    settings.listen = {"127.0.0.1", 0};
    settings.drain = {.min = Duration::zero(), .max = drain_max};
    node = std::make_unique<Node>(settings);
    if (GetParam() == Style::kActor) {
      node->serve<Methods>(actor<CountdownActor>(alive).replicas(2));
    } else {
      Functions<Methods> echo;
      echo.on<Methods::Countdown>(
          [alive = alive](const Ask& ask) { return Countdown(ask.count(), alive); });
      node->serve(echo);
    }
    node->intercept(chain);
    const Status status = node->start();
    EXPECT_TRUE(status.ok()) << status.to_string();
    for (int i = 0; i < kChannels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs.push_back(
          Echo::NewStub(grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(node->port()),
                                                  grpc::InsecureChannelCredentials(), arguments)));
    }
  }
  void read(int count, int give_up_after) {
    const std::size_t at = readings.size() % stubs.size();
    readings.push_back(std::make_unique<Reading>(*stubs[at], count, give_up_after, begun, ended));
  }

  std::shared_ptr<std::atomic<int>> alive = std::make_shared<std::atomic<int>>(0);
  std::shared_ptr<Counting> chain = std::make_shared<Counting>();
  std::unique_ptr<Node> node;
  std::vector<std::unique_ptr<Echo::Stub>> stubs;
  Tally begun, ended;
  std::vector<std::unique_ptr<Reading>> readings;
};

INSTANTIATE_TEST_SUITE_P(Served, Storm, ::testing::Values(Style::kFunction, Style::kActor),
                         [](const auto& style) {
                           return style.param == Style::kFunction ? "ByAFunction" : "ByAnActor";
                         });

TEST_P(Storm, OfCancelledStreamsLeavesNothingBehind) {
  constexpr int kReplies = 60;
  start(kHang);
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> after(1, 2 * kReplies);  // the later half reads to the end
  for (int i = 0; i < kStreams; ++i) read(kReplies, after(random));
  ASSERT_TRUE(ended.wait_for(kStreams)) << ended.count();

  for (const auto& reading : readings)
    if (reading->status().ok()) {
      EXPECT_EQ(reading->read(), kReplies);
    } else {
      EXPECT_EQ(reading->status().error_code(), grpc::StatusCode::CANCELLED)
          << reading->status().error_message();
    }
  EXPECT_TRUE(chain->done.wait_for(kStreams)) << chain->done.count();
  EXPECT_TRUE(node->stop().ok());
  EXPECT_EQ(chain->begun.count(), chain->done.count());
  EXPECT_EQ(*alive, 0) << "streams that a handler still has";
}

TEST_P(Storm, IsEndedByAShutdownInItsMiddle) {
  start(Duration::zero());
  for (int i = 0; i < kStreams; ++i) read(1'000'000'000, i % 2 == 0 ? 0 : 1'000 + i);
  ASSERT_TRUE(begun.wait_for(kStreams)) << begun.count();
  EXPECT_TRUE(node->stop().ok());  // it was not to wait for them
  ASSERT_TRUE(ended.wait_for(kStreams)) << ended.count();
  for (const auto& reading : readings) EXPECT_FALSE(reading->status().ok());
  EXPECT_EQ(chain->begun.count(), kStreams);
  EXPECT_EQ(chain->done.count(), kStreams);
  node.reset();
  EXPECT_EQ(*alive, 0) << "streams that a handler still has";
}

}  // namespace
}  // namespace brontes::testing
