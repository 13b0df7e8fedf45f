// Clients that go while they are served: everything that waits for them ends, without a time-out.
#include <sys/socket.h>
#include <unistd.h>

#include <brontes/actors/call/handlers.hpp>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>

#include "http_client.hpp"
#include "testsvc.brontes.hpp"

#include "../hosting/tally.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;
using gwtest::v1::EchoServiceMethods;
using gwtest::v1::StreamServiceMethods;
using testing::Tally;

/// More than any socket holds.
constexpr std::size_t kTooMuch = 64 << 20;

class Ends final : public Interceptor {
 public:
  const char* name() const override { return "ends"; }
  void on_done(const Call&, const Outcome& outcome) noexcept override {
    EXPECT_FALSE(outcome.delivered);
    (outcome.status.code() == Errc::kCancelled ? cancelled : other).one();
  }
  Tally cancelled, other;
};

void leave_by_close(Client& client) { ::close(client.release()); }
void leave_by_shutdown(Client& client) { ::shutdown(client.fd(), SHUT_RDWR); }
void leave_by_half_close(Client& client) { ::shutdown(client.fd(), SHUT_WR); }
void leave_by_reset(Client& client) {
  const linger at_once{1, 0};
  ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  leave_by_close(client);
}

using Leave = void (*)(Client&);
const std::map<std::string, Leave> kWays = {{"Close", leave_by_close},
                                            {"Shutdown", leave_by_shutdown},
                                            {"HalfClose", leave_by_half_close},
                                            {"Reset", leave_by_reset}};

/// No time-out helps.
HttpDoorOptions patient() {
  HttpDoorOptions options;
  options.write_timeout = 1h;
  return options;
}

struct PeerLeft : ::testing::TestWithParam<std::string> {
  PeerLeft() {
    EXPECT_TRUE(table
                    .add(row<EchoServiceMethods::Slow>(
                        make_handler<EchoServiceMethods::Slow>(until_cancelled())))
                    .ok());
    EXPECT_TRUE(table
                    .add(row<EchoServiceMethods::Big>(make_handler<EchoServiceMethods::Big>(
                        [](const gwtest::v1::BigRequest&, gwtest::v1::Item& reply) {
                          reply.set_text(std::string(kTooMuch, 'x'));
                          return Status();
                        })))
                    .ok());
    EXPECT_TRUE(table
                    .add(row<StreamServiceMethods::ServerStream>(
                        make_handler<StreamServiceMethods::ServerStream>(until_cancelled())))
                    .ok());
    table.intercept(ends);
  }

  /// Streams begin with a reply.
  std::function<void(const CallPtr&, const Event&)> until_cancelled() {
    return [this](const CallPtr& call, const Event& event) {
      if (event.type == Event::Type::kStarted) {
        call->claim();
        call->keep_alive();
        if (!has_one_reply(call->method().kind)) call->write(large_item());
        begun.one();
      }
      if (event.type != Event::Type::kCancelled) return;
      told.one();
      call->finish(call->cancel_status());
    };
  }
  static std::unique_ptr<Message> large_item() {
    auto item = std::make_unique<gwtest::v1::Item>();
    item->set_text(std::string(kTooMuch, 'x'));
    return item;
  }

  std::uint16_t start(HttpDoorOptions options = patient()) {
    auto routes = std::make_shared<RouteTable>();
    EXPECT_TRUE(routes->add_all(table).empty());
    door = std::make_unique<HttpDoor>(
        table, std::make_shared<Published<RouteTable>>(std::move(routes)), options);
    return *door->start("127.0.0.1:0");
  }
  void leave(Client& client) const { kWays.at(GetParam())(client); }
  /// Nobody waits for anything.
  void expect_idle() {
    std::promise<bool> drained;
    auto clean = drained.get_future();
    door->drain(TimePoint::max(), [&](bool ok) { drained.set_value(ok); });
    ASSERT_EQ(clean.wait_for(testing::kHang), std::future_status::ready);
    EXPECT_TRUE(clean.get());
  }

  MethodTable table;
  Tally begun, told;
  const std::shared_ptr<Ends> ends = std::make_shared<Ends>();
  std::unique_ptr<HttpDoor> door;
};

INSTANTIATE_TEST_SUITE_P(By, PeerLeft, ::testing::Values("Close", "Shutdown", "HalfClose", "Reset"),
                         [](const auto& info) { return info.param; });

TEST_P(PeerLeft, WhileItReadsNothingOfAStreamEndsTheCall) {
  Client client(start());
  client.send(get("/v1/stream/1"));
  client.read_until("\r\n\r\n");
  leave(client);
  EXPECT_TRUE(told.wait_for(1));
  EXPECT_TRUE(ends->cancelled.wait_for(1));
  expect_idle();
  EXPECT_EQ(told.count(), 1);
}

TEST_P(PeerLeft, WhileItReadsNothingOfAReplyEndsTheCall) {
  Client client(start());
  client.send(get("/v1/big/1"));
  client.read_until("\r\n\r\n");
  leave(client);
  EXPECT_TRUE(ends->other.wait_for(1));
  expect_idle();
}

TEST_P(PeerLeft, BehindMoreRequestsThanAreKeptEndsTheCall) {
  HttpDoorOptions options = patient();
  options.max_header_bytes = 1024;
  Client client(start(options));
  std::string requests;
  while (requests.size() < 24 * 1024) requests += get("/v1/slow/1");
  client.send(requests);
  ASSERT_TRUE(begun.wait_for(1));
  leave(client);
  EXPECT_TRUE(told.wait_for(1));
  EXPECT_TRUE(ends->cancelled.wait_for(1));
  expect_idle();
  EXPECT_EQ(told.count(), 1);
}

}  // namespace
}  // namespace brontes
