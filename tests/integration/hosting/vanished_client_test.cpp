// A gRPC client that vanishes in the middle of a call: whatever serves it learns of it, lets go of
// the call and does not take the part that came for the whole; the chain sees one end.
#include <testing.grpc.pb.h>

#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/service_actor.hpp>
#include <brontes/runtime/node.hpp>
#include <future>
#include <memory>
#include <mutex>
#include <testing.brontes.hpp>
#include <utility>
#include <vector>

#include "../runtime/vanishing_channel.hpp"
#include "tally.hpp"

namespace brontes::testing {
namespace {

using Methods = EchoMethods;

/// What handlers see of their calls.
struct Seen {
  Tally begun;      // calls
  Tally taken;      // requests of streams
  Tally whole;      // streams of requests that ended
  Tally cancelled;  // calls, by their cancellation
  Tally told;       // the same, by the event of it
  Tally let_go;     // calls of which a handler keeps nothing any more
};

/// Kept by whatever serves a call, as long as it does.
class Attention {
 public:
  Attention(Call& call, Seen& seen)
      : seen_(seen), left_(call.context().cancellation->subscribe([&] { seen.cancelled.one(); })) {
    seen.begun.one();
  }
  ~Attention() { seen_.let_go.one(); }
  Attention(const Attention&) = delete;
  Attention& operator=(const Attention&) = delete;

 private:
  Seen& seen_;
  const Cancellation::Subscription left_;
};

auto count_down(Seen& seen) {
  return [&seen](const Ask&, Call& call) {
    return [attention = std::make_shared<Attention>(call, seen)](Answer&) { return true; };
  };
}

auto collect(Seen& seen) {
  return [&seen](Call& call) {
    return [&seen, attention = std::make_shared<Attention>(call, seen)](const Ask* ask, Answer&) {
      (ask ? seen.taken : seen.whole).one();
      return Status();
    };
  };
}

auto chat(Seen& seen) {
  return [&seen](Call& call) {
    return [&seen, attention = std::make_shared<Attention>(call, seen)](const Ask* ask,
                                                                        Writer<Answer>& answers) {
      (ask ? seen.taken : seen.whole).one();
      if (ask) answers.write({});
      return Status();
    };
  };
}

/// Promises, until somebody drops them.
class Promises {
 public:
  explicit Promises(Seen& seen) : seen_(seen) {}

  auto keep() {
    return [this](const Ask&, Reply<Methods::Say> reply) {
      auto attention = std::make_unique<Attention>(reply.call(), seen_);
      const std::lock_guard lock(mutex_);
      kept_.push_back({std::move(attention), std::move(reply)});
    };
  }
  void drop() {
    const std::lock_guard lock(mutex_);
    for (Promise& promise : kept_) EXPECT_TRUE(promise.second.call().cancelled());
    kept_.clear();
  }

 private:
  using Promise = std::pair<std::unique_ptr<Attention>, Reply<Methods::Say>>;
  Seen& seen_;
  std::mutex mutex_;
  std::vector<Promise> kept_;
};

/// One reply to each request, and to the call if it has but one request; never ends by itself.
auto events(Seen& seen) {
  return [&seen](const CallPtr& call, const Event& event) {
    const Kind kind = call->method().kind;
    const auto reply = [&] {
      if (!has_one_reply(kind)) call->write(std::make_unique<Answer>());
    };
    switch (event.type) {
      case Event::Type::kStarted:
        call->claim();
        call->keep_alive();
        call->state = std::make_shared<Attention>(*call, seen);
        return has_one_request(kind) ? reply() : call->read();
      case Event::Type::kMessage:
        seen.taken.one();
        reply();
        return call->read();
      case Event::Type::kHalfClosed:
        return seen.whole.one();
      case Event::Type::kCancelled:
        seen.told.one();
        return call->finish(call->cancel_status());
      case Event::Type::kDemand:
        return;
    }
  };
}

class ShortActor final : public ServiceActor {
 public:
  ShortActor(Seen& seen, Promises& promises) {
    on<Methods::Say>(promises.keep());
    on<Methods::Countdown>(count_down(seen));
    on<Methods::Collect>(collect(seen));
    on<Methods::Chat>(chat(seen));
  }
};

class EventsActor final : public ServiceActor {
 public:
  explicit EventsActor(Seen& seen) {
    on<Methods::Say>(events(seen));
    on<Methods::Countdown>(events(seen));
    on<Methods::Collect>(events(seen));
    on<Methods::Chat>(events(seen));
  }
};

class Ends final : public Interceptor {
 public:
  const char* name() const override { return "ends"; }
  Status on_headers(Call&) override {
    begun.one();
    return {};
  }
  void on_done(const Call&, const Outcome& outcome) noexcept override {
    (outcome.status.code() == Errc::kCancelled ? cancelled : other).one();
  }
  Tally begun, cancelled, other;
};

/// Written how, and hosted where.
enum class Handling { kFunctions, kActor, kEventFunctions, kEventActor };

using Way = std::pair<Handling, Kind>;

std::string name_of(const ::testing::TestParamInfo<Way>& info) {
  static constexpr const char* kStyles[] = {"Functions", "Actor", "EventFunctions", "EventActor"};
  static constexpr const char* kKinds[] = {"Unary", "ServerStream", "ClientStream", "Bidi"};
  return std::string(kStyles[static_cast<int>(info.param.first)]) +
         kKinds[static_cast<int>(info.param.second)];
}

std::vector<Way> every_way() {
  std::vector<Way> all;
  for (const Handling style :
       {Handling::kFunctions, Handling::kActor, Handling::kEventFunctions, Handling::kEventActor})
    for (const Kind kind : {Kind::kUnary, Kind::kServerStream, Kind::kClientStream, Kind::kBidi})
      all.emplace_back(style, kind);
  return all;
}

struct VanishedClient : ::testing::TestWithParam<Way> {
  VanishedClient() {
    switch (GetParam().first) {
      case Handling::kFunctions: {
        Functions<Methods> echo;
        echo.on<Methods::Say>(promises.keep());
        echo.on<Methods::Countdown>(count_down(seen));
        echo.on<Methods::Collect>(collect(seen));
        echo.on<Methods::Chat>(chat(seen));
        node.serve(echo);
        break;
      }
      case Handling::kActor:
        node.serve<Methods>(actor<ShortActor>(std::ref(seen), std::ref(promises)));
        break;
      case Handling::kEventFunctions: {
        Functions<Methods> echo;
        echo.on<Methods::Say>(events(seen));
        echo.on<Methods::Countdown>(events(seen));
        echo.on<Methods::Collect>(events(seen));
        echo.on<Methods::Chat>(events(seen));
        node.serve(echo);
        break;
      }
      case Handling::kEventActor:
        node.serve<Methods>(actor<EventsActor>(std::ref(seen)));
        break;
    }
    node.intercept(ends);
    const Status status = node.start();
    EXPECT_TRUE(status.ok()) << status.to_string();
  }

  static Settings settings() {
    Settings settings;
    settings.listen = {"127.0.0.1", 0};
    settings.probe.enabled = false;  // it is a call, too
    settings.drain = {.min = Duration::zero(), .max = kHang};
    return settings;
  }

  /// Gets to the middle of a call that its handler will not end, and stays there.
  grpc::Status call(Echo::Stub& stub) {
    grpc::ClientContext context;
    Answer answer;
    switch (GetParam().second) {
      case Kind::kUnary:
        middle.set_value();
        return stub.Say(&context, {}, &answer);
      case Kind::kServerStream:
        return read_on(*stub.Countdown(&context, {}));
      case Kind::kClientStream: {
        const auto stream = stub.Collect(&context, &answer);
        EXPECT_TRUE(stream->Write({}));
        middle.set_value();
        return stream->Finish();
      }
      case Kind::kBidi: {
        const auto stream = stub.Chat(&context);
        EXPECT_TRUE(stream->Write({}));
        return read_on(*stream);
      }
    }
    return {};
  }
  template <class Stream>
  grpc::Status read_on(Stream& stream) {
    Answer answer;
    EXPECT_TRUE(stream.Read(&answer));
    middle.set_value();
    while (stream.Read(&answer)) continue;
    return stream.Finish();
  }

  Seen seen;
  Promises promises{seen};
  const std::shared_ptr<Ends> ends = std::make_shared<Ends>();
  Node node{settings()};
  std::promise<void> middle;
};

INSTANTIATE_TEST_SUITE_P(Every, VanishedClient, ::testing::ValuesIn(every_way()), name_of);

TEST_P(VanishedClient, IsLearntByTheHandlerAndEndsTheCallOnce) {
  const auto [style, kind] = GetParam();
  VanishingChannel channel(node.port());
  const auto stub = Echo::NewStub(*channel);
  auto called = std::async(std::launch::async, [&] { return call(*stub); });
  middle.get_future().wait();
  ASSERT_TRUE(seen.begun.wait_for(1));
  ASSERT_TRUE(seen.taken.wait_for(has_one_request(kind) ? 0 : 1));
  channel.vanish();
  EXPECT_TRUE(seen.cancelled.wait_for(1));
  promises.drop();
  EXPECT_TRUE(ends->cancelled.wait_for(1));
  EXPECT_TRUE(seen.let_go.wait_for(1));
  EXPECT_EQ(called.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(node.stop().ok());
  const bool by_events = style == Handling::kEventFunctions || style == Handling::kEventActor;
  EXPECT_EQ(seen.told.count(), by_events ? 1 : 0);
  EXPECT_EQ(seen.begun.count(), 1);
  EXPECT_EQ(seen.cancelled.count(), 1);
  EXPECT_EQ(seen.let_go.count(), 1);
  EXPECT_EQ(seen.whole.count(), 0) << "a part was taken for the whole";
  EXPECT_EQ(ends->cancelled.count(), 1);
  EXPECT_EQ(ends->other.count(), 0);
}

/// Busy with its first call until it is released.
class BusyActor final : public ServiceActor {
 public:
  BusyActor(Tally& begun, Tally& release) {
    on<Methods::Say>([&](const Ask&, Answer&) {
      begun.one();
      EXPECT_TRUE(release.wait_for(1));
      return Status();
    });
  }
};

/// Learns of cancelled calls before any handler has seen them.
class Lookout final : public Interceptor {
 public:
  const char* name() const override { return "lookout"; }
  Status on_headers(Call& call) override {
    const std::lock_guard lock(mutex_);
    all_.push_back(call.context().cancellation->subscribe([this] { cancelled.one(); }));
    return {};
  }
  Tally cancelled;

 private:
  std::mutex mutex_;
  std::vector<Cancellation::Subscription> all_;
};

TEST(VanishedClientOfABusyActor, NeverReachesTheHandler) {
  Tally begun, release;
  const auto ends = std::make_shared<Ends>();
  const auto lookout = std::make_shared<Lookout>();
  Node node(VanishedClient::settings());
  node.serve<Methods>(actor<BusyActor>(std::ref(begun), std::ref(release)).replicas(1));
  node.intercept(ends).intercept(lookout);
  ASSERT_TRUE(node.start().ok());

  const auto say = [](std::shared_ptr<grpc::Channel> channel) {
    grpc::ClientContext context;
    Answer answer;
    return Echo::NewStub(channel)->Say(&context, {}, &answer).error_code();
  };
  VanishingChannel staying(node.port()), leaving(node.port());
  auto first = std::async(std::launch::async, say, *staying);
  ASSERT_TRUE(begun.wait_for(1));
  auto second = std::async(std::launch::async, say, *leaving);
  ASSERT_TRUE(ends->begun.wait_for(2));
  leaving.vanish();
  EXPECT_TRUE(lookout->cancelled.wait_for(1));
  release.one();
  EXPECT_EQ(first.get(), grpc::StatusCode::OK);
  EXPECT_EQ(second.get(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(ends->cancelled.wait_for(1));
  EXPECT_TRUE(node.stop().ok());
  EXPECT_EQ(begun.count(), 1);
  EXPECT_EQ(ends->cancelled.count(), 1);
}

}  // namespace
}  // namespace brontes::testing
