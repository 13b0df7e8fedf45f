// Every http.* setting reaches what serves: an answer with the default, another one with the
// setting; of two connections, the one with the short time-out ends first.
#include <gtest/gtest.h>

#include <brontes/runtime/node.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "testsvc.brontes.hpp"
#include "wire.hpp"

namespace brontes::testing {
namespace {

using namespace gwtest::v1;
using Change = void (*)(HttpSettings&);

/// Functions, so that they run on the threads that serve HTTP.
void add_methods(Node& node) {
  using Echo = EchoServiceMethods;
  using Routes = RouteServiceMethods;
  Functions<Echo> echo;
  echo.on<Echo::Echo>([](const Everything& request, EchoReply& reply) {
    reply.set_rpc("s is " + request.s());
    return Status();
  });
  echo.on<Echo::MirrorSmall>([](const Small& request, Small& reply) {
    reply = request;
    return Status();
  });
  Functions<Routes> routes;
  routes.on<Routes::RouteFiles>([](const RouteRequest& request, EchoReply& reply) {
    reply.set_rpc("path is " + request.path());
    return Status();
  });
  node.serve(echo).serve(routes);
}

std::unique_ptr<Node> serve(System& system, const std::function<void(HttpSettings&)>& change,
                            const std::function<void(Node&)>& more = add_methods) {
  Settings settings{.listen = {"127.0.0.1", 0}};
  settings.mode = Mode::kTwoPorts;  // or the listener waits for the first bytes, too
  settings.http_listen = settings.listen;
  settings.probe.enabled = false;
  settings.drain.min = Duration::zero();
  change(settings.http);
  auto node = std::make_unique<Node>(settings, system);
  more(*node);
  const Status status = node->start();
  EXPECT_TRUE(status.ok()) << status.to_string();
  return node;
}

struct Row {
  const char* setting;
  Change given;  ///< in both cases
  Change set;    ///< in the second one
  std::string request;
  const char* by_default;  ///< parts of the answers
  const char* when_set;
};

std::string get(const std::string& path, const std::string& more = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + more + "\r\n";
}

std::string post(const std::string& path, const std::string& type, const std::string& more = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n" +
         "Content-Type: " + type + "\r\n" + more + "\r\n" +
         (type == "application/json" ? "{}" : "a=");
}

constexpr Change kNothing = [](HttpSettings&) {};
constexpr const char* kForm = "application/x-www-form-urlencoded";

const Row kRows[] = {
    {"max_header_bytes", kNothing, [](HttpSettings& http) { http.max_header_bytes = 1024; },
     get("/v1/echo/s/b", "X-Large: " + std::string(2000, 'a') + "\r\n"), " 200 ", " 431 "},
    {"max_body_bytes", kNothing, [](HttpSettings& http) { http.max_body_bytes = 1; },
     post("/v1/echo/s/b", kForm), " 200 ", " 413 "},
    {"json", kNothing, [](HttpSettings& http) { http.json = JsonProfile::kProto3; },
     get("/v1/small"), R"("user_name":"")", "\r\n\r\n{}"},
    {"path_decoding all", kNothing,
     [](HttpSettings& http) { http.path_decoding = PathDecoding::kAll; }, get("/v1/echo/s/a%2Fb"),
     " 404 ", "s is a/b"},
    {"path_decoding all_except_slash", kNothing,
     [](HttpSettings& http) { http.path_decoding = PathDecoding::kAllExceptSlash; },
     get("/v1/files/a%2Fb%3Bc%20d"), "path is a/b;c d", "path is a%2Fb;c d"},
    {"path_decoding all_except_reserved", kNothing,
     [](HttpSettings& http) { http.path_decoding = PathDecoding::kAllExceptReserved; },
     get("/v1/files/a%2Fb%3Bc%20d"), "path is a/b;c d", "path is a%2Fb%3Bc d"},
    {"unbound_methods", kNothing, [](HttpSettings& http) { http.unbound_methods = true; },
     post("/gwtest.v1.EchoService/Unbound", "application/json"), " 404 ", R"("code":12)"},
    {"form_as_get", kNothing, [](HttpSettings& http) { http.form_as_get = false; },
     post("/v1/echo/s/b", kForm), "s is b", " 501 "},
    {"method_override", [](HttpSettings& http) { http.form_as_get = false; },
     [](HttpSettings& http) { http.method_override = false; },
     post("/v1/echo/s/b", kForm, "X-HTTP-Method-Override: GET\r\n"), "s is b", " 501 "},
    {"wrong_method_status", kNothing, [](HttpSettings& http) { http.wrong_method_status = 405; },
     post("/v1/echo/s/b", "application/json"), " 501 ", " 405 "},
    {"health_path", kNothing, [](HttpSettings& http) { http.health_path = "/up"; }, get("/up"),
     " 404 ", R"({"status":"SERVING"})"},
};

struct HttpSettingsTest : ::testing::Test {
  System system{{.threads = 2}};
};

TEST_F(HttpSettingsTest, DecideTheAnswer) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.setting);
    auto node = serve(system, row.given);
    const std::string before = exchange(node->http_port(), row.request, "");
    EXPECT_NE(before.find(row.by_default), std::string::npos) << before;
    node->kill();  // a stop takes longer than all the rest
    node = serve(system, [&](HttpSettings& http) { row.given(http), row.set(http); });
    const std::string after = exchange(node->http_port(), row.request, "");
    EXPECT_NE(after.find(row.when_set), std::string::npos) << after;
    node->kill();
  }
}

// One thread serves both connections, and its timers go off in the order of their times.
struct TimeOut {
  const char* setting;
  Change shorten;       ///< to 1 ms; what the other one waits for to 1 s
  std::string bytes;    ///< of the one that is to end first
  std::string waiting;  ///< of the other one
};

const std::string kHalfHead = "GET /v1/echo/s/b HTTP/1.1\r\n";
const std::string kNoBody = "POST /v1/echo/s/b HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n";
const std::string kStays = "GET /v1/echo/s/b HTTP/1.1\r\nHost: x\r\n\r\n";

const TimeOut kTimeOuts[] = {
    {"header_timeout",
     [](HttpSettings& http) { http.header_timeout = 1ms, http.body_timeout = 1s; }, kHalfHead,
     kNoBody},
    {"body_timeout", [](HttpSettings& http) { http.body_timeout = 1ms, http.header_timeout = 1s; },
     kNoBody, kHalfHead},
    {"idle_timeout", [](HttpSettings& http) { http.idle_timeout = 1ms, http.body_timeout = 1s; },
     kStays, kNoBody},
};

TEST_F(HttpSettingsTest, EndWhatTakesTooLong) {
  for (const TimeOut& row : kTimeOuts) {
    SCOPED_TRACE(row.setting);
    const auto node = serve(system, row.shorten);
    const Onlooker other(node->http_port(), row.waiting), hasty(node->http_port(), row.bytes);
    EXPECT_EQ(Onlooker::first_to_end(hasty, other), 0);
  }
}

TEST_F(HttpSettingsTest, EndAPeerThatDoesNotRead) {
  constexpr std::size_t kBig = 32 << 20;  // more than sockets hold
  const auto node = serve(
      system, [](HttpSettings& http) { http.write_timeout = 1ms, http.body_timeout = 1s; },
      [](Node& made) {
        made.route("GET", "/big",
                   [](const HttpRequest&) { return HttpResponse::text(std::string(kBig, 'x')); });
      });
  const Onlooker lazy(node->http_port(), get("/big"));
  ASSERT_TRUE(lazy.hears());
  const Onlooker other(node->http_port(), kNoBody);  // ends later
  EXPECT_EQ(other.read_all(), "");
  const std::size_t size = lazy.read_all().size();
  EXPECT_GT(size, 0u);
  EXPECT_LT(size, kBig);
}

TEST_F(HttpSettingsTest, SayHowManyThreadsServe) {
  std::mutex mutex;
  std::condition_variable changed;
  int there = 0;
  const auto node = serve(
      system, [](HttpSettings& http) { http.threads = 2; },
      [&](Node& made) {
        made.route("GET", "/meet", [&](const HttpRequest&) {
          std::unique_lock lock(mutex);
          ++there;
          changed.notify_all();
          const bool met = changed.wait_for(lock, kHang, [&] { return there == 2; });
          return HttpResponse::text(met ? "met" : "alone");
        });
      });
  std::string first;
  std::jthread caller([&] { first = exchange(node->http_port(), get("/meet"), ""); });
  const std::string second = exchange(node->http_port(), get("/meet"), "");
  caller.join();
  EXPECT_TRUE(first.ends_with("met")) << first;
  EXPECT_TRUE(second.ends_with("met")) << second;
}

}  // namespace
}  // namespace brontes::testing
