// A client that never reads its stream: the stop of the node does not wait for it beyond its bound.
#include <sys/socket.h>

#include "node_with_parlour.hpp"
#include "parlour.brontes.hpp"

namespace brontes::testing {
namespace {

using parlour::Answer;
using parlour::Ask;
using parlour::ParlourMethods;

constexpr int kEndless = 1'000'000'000;

enum class Served { kNatively, kSync, kCallback };

std::string name_of_served(const ::testing::TestParamInfo<Served>& info) {
  static constexpr const char* kNames[] = {"Natively", "Sync", "Callback"};
  return kNames[static_cast<int>(info.param)];
}

/// Enters "begun", and "ended CODE".
class Onset final : public Interceptor {
 public:
  explicit Onset(Diary& diary) : diary_(diary) {}
  const char* name() const override { return "onset"; }
  Status on_headers(Call&) override {
    diary_.note("begun");
    return {};
  }
  void on_done(const Call&, const Outcome& outcome) noexcept override {
    diary_.note("ended " + std::string(to_string(outcome.status.code())));
  }

 private:
  Diary& diary_;
};

class UnreadStream : public ::testing::TestWithParam<Served> {
 protected:
  UnreadStream() : node_(settings()) {
    Functions<ParlourMethods> native;
    native.on<ParlourMethods::Countdown>([](const Ask& ask) {
      return [left = ask.count()](Answer& answer) mutable {
        answer.set_index(left);
        return left-- > 0;
      };
    });
    if (GetParam() == Served::kNatively) node_.serve(native);
    if (GetParam() == Served::kSync) node_.adopt(make_sync_parlour(diary_));
    if (GetParam() == Served::kCallback) node_.adopt(make_callback_parlour(diary_));
    node_.intercept(std::make_shared<Onset>(diary_));
    const Status started = node_.start();
    EXPECT_TRUE(started.ok()) << started.to_string();
  }

  void expect_bounded_stop() {
    diary_.wait_for("begun");
    const Status stopped = node_.stop();
    EXPECT_EQ(stopped.code(), Errc::kDeadlineExceeded) << stopped.to_string();
    const std::string end = diary_.entry("ended ");
    EXPECT_TRUE(end == "ended CANCELLED" || end == "ended UNAVAILABLE") << end;
  }

  static Settings settings() {
    Settings settings = settings_for_parlour();
    settings.drain.max = std::chrono::milliseconds(100);
    settings.http.write_timeout = std::chrono::hours(1);
    return settings;
  }

  Diary diary_;
  Node node_;
};

INSTANTIATE_TEST_SUITE_P(Every, UnreadStream,
                         ::testing::Values(Served::kNatively, Served::kSync, Served::kCallback),
                         name_of_served);

TEST_P(UnreadStream, OverGrpcDoesNotHoldTheStop) {
  const auto stub = parlour::Parlour::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(node_.port()), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  Ask ask;
  ask.set_count(kEndless);
  const auto unread = stub->Countdown(&context, ask);
  expect_bounded_stop();
  context.TryCancel();
  EXPECT_FALSE(unread->Finish().ok());
}

TEST_P(UnreadStream, OverRestDoesNotHoldTheStop) {
  HttpConnection unread(node_.http_port());
  unread.send("GET", "/v1/countdown/" + std::to_string(kEndless));
  expect_bounded_stop();
}

}  // namespace
}  // namespace brontes::testing
