// A node to be broken on purpose: it answers Echo/Say in ways that are changed while it serves, and
// writes down each call as it arrives, so that kill -9 takes nothing away.
//
//   chaos_server --listen 127.0.0.1:0 --registry URL --set chaos.journal=FILE
//   curl -X POST 'ADDRESS/behave?after_us=1000&errors=0.9&code=UNAVAILABLE'   or ?hangs=1
//
// A line of FILE: when it arrived (monotonic ns), x-call as the caller sent it, attempts before it.
// Prints a JSON object a line: "serving" when it is registered.
#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <brontes/runtime/node.hpp>
#include <brontes/runtime/signals.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <semaphore>
#include <string>
#include <string_view>

#include "testing.brontes.hpp"

namespace {

using namespace std::chrono_literals;
using brontes::Call;
using brontes::Duration;
using brontes::Errc;
using brontes::HttpRequest;
using brontes::HttpResponse;
using brontes::Status;
using brontes::testing::Ask;
using brontes::testing::EchoMethods;

/// How calls are answered. A value.
struct Conduct {
  Duration after{};
  double errors = 0;  ///< so many of the answers, 0 to 1
  Errc code = Errc::kUnavailable;
  bool hangs = false;  ///< no answer at all
};

/// The newest conduct. Thread-safe.
class Conducts {
 public:
  void set(Conduct conduct) {
    const std::lock_guard lock(mutex_);
    newest_ = conduct;
  }
  Conduct get() const {
    const std::lock_guard lock(mutex_);
    return newest_;
  }

 private:
  mutable std::mutex mutex_;
  Conduct newest_;
};

Status put(Conduct& conduct, std::string_view key, std::string_view value) {
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = error == std::errc() && end == value.data() + value.size();
  if (key == "after_us" && is_number)
    conduct.after = std::chrono::microseconds(static_cast<std::int64_t>(number));
  else if (key == "errors" && is_number)
    conduct.errors = number;
  else if (key == "hangs" && is_number)
    conduct.hangs = number != 0;
  else if (key == "code")
    conduct.code = brontes::errc_from_name(value);
  else
    return {Errc::kInvalidArgument, fmt::format("'{}={}' is no conduct", key, value)};
  return {};
}

HttpResponse behave(Conducts& conducts, std::string_view query) {
  Conduct conduct;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const auto sign = pair.find('=');
    const auto value = sign == pair.npos ? "" : pair.substr(sign + 1);
    if (const Status status = put(conduct, pair.substr(0, sign), value); !status.ok())
      return HttpResponse::text(status.message() + "\n", 400);
  }
  conducts.set(conduct);
  return HttpResponse::text("so be it\n");
}

/// Each call of the load, before anything else looks at it. Written at once, in one piece.
class Journal final : public brontes::Interceptor {
 public:
  explicit Journal(const std::string& path)
      : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
  ~Journal() override { close(file_); }
  bool is_open() const { return file_ >= 0; }

  const char* name() const override { return "journal"; }
  Status on_headers(Call& call) override {
    const std::string id = call.metadata("x-call");
    if (id.empty()) return {};
    const std::string before = call.metadata("x-previous-rpc-attempts");
    const std::string line =
        fmt::format("{} {} {}\n", call.clock().now().time_since_epoch().count(), id,
                    before.empty() ? "0" : before);
    if (write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      return {Errc::kInternal, "the journal cannot be written"};
    return {};
  }

 private:
  const int file_;
};

class Target final : public brontes::ServiceActor {
 public:
  Target(std::shared_ptr<const Conducts> conducts, std::uint64_t seed)
      : conducts_(std::move(conducts)), random_(seed) {
    on<EchoMethods::Say>([this](const Ask&, brontes::Reply<EchoMethods::Say> reply) {
      const Conduct conduct = conducts_->get();
      const bool fails = std::uniform_real_distribution<>(0, 1)(random_) < conduct.errors;
      const Status status = fails ? Status(conduct.code, "as told") : Status();
      const Duration wait = conduct.hangs ? Duration(1h) : conduct.after;
      if (wait == Duration::zero()) return reply.finish(status);
      after(wait, [reply = std::move(reply), status]() mutable { reply.finish(status); });
    });
  }

 private:
  const std::shared_ptr<const Conducts> conducts_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
  std::string path;
  std::uint64_t seed = 1;
  auto settings = brontes::load_settings(
      argc, argv, {.name = "svc"},
      {brontes::setting("chaos.journal", path, "where received calls are written down"),
       brontes::setting("chaos.seed", seed, "of which calls fail")});
  if (!settings) return brontes::exit_with(settings.error());
  brontes::set_log_level(settings->log.level);
  brontes::ignore_broken_pipes();
  const auto journal = std::make_shared<Journal>(path);
  if (!journal->is_open())
    return brontes::exit_with({Errc::kInvalidArgument, "chaos.journal: cannot open " + path});

  std::counting_semaphore<> told(0);
  const brontes::SignalWatch watch({SIGTERM}, [&](int) { told.release(); });
  const auto conducts = std::make_shared<Conducts>();
  brontes::Node node(*settings);
  node.serve<EchoMethods>(brontes::actor<Target>(std::shared_ptr<const Conducts>(conducts), seed));
  node.intercept(journal, "metrics");
  node.route("POST", "/behave",
             [conducts](const HttpRequest& request) { return behave(*conducts, request.query); });
  if (const Status status = node.start(); !status.ok()) return brontes::exit_with(status);
  const Duration now = brontes::system_clock().now().time_since_epoch();
  fmt::print("{{\"event\":\"serving\",\"at_ms\":{:.3f},\"address\":\"{}\"}}\n",
             static_cast<double>(now.count()) / 1e6, node.address());
  std::fflush(stdout);
  told.acquire();
  return brontes::exit_with(node.stop());
}
