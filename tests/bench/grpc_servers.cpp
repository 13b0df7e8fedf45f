// The servers that tools/bench.sh compares, all with the same Echo service:
//
//   grpc_servers raw|function|actor|pool|shared [HOST:PORT]
//
//   raw       gRPC's generated callback service, the yardstick
//   function  brontes: a function behind a chain of four interceptors
//   actor     the same with a service actor, run in place
//   pool      the same with a service actor, run on the pool
//   shared    as function, but behind the listener's shared port
//
// Prints {"mode":...,"port":...}, serves until standard input ends, then prints what it used:
// {"mode":...,"cpu_us":...}.
#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>
#include <testing.grpc.pb.h>
#include <array>
#include <brontes/actors/caf.hpp>
#include <brontes/actors/call/actor_host.hpp>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/runtime/grpc/grpc_door.hpp>
#include <brontes/runtime/listener.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <testing.brontes.hpp>

namespace brontes::testing {
namespace {

Status say(const Ask& ask, Answer& answer) {
  answer.set_text("hello " + ask.name());
  return {};
}

class RawEcho final : public Echo::CallbackService {
  grpc::ServerUnaryReactor* Say(grpc::CallbackServerContext* context, const Ask* ask,
                                Answer* answer) override {
    answer->set_text("hello " + ask->name());
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class EchoActor final : public ServiceActor {
 public:
  EchoActor() { on<EchoMethods::Say>(&say); }
};

// Four interceptors with the work that authentication, rate limit, validation and metrics have.
class Token final : public Interceptor {
  const char* name() const override { return "token"; }
  Status on_headers(Call& call) override {
    if (call.metadata("authorization") == "bad") return {Errc::kUnauthenticated, "bad token"};
    return {};
  }
};
class Budget final : public Interceptor {
  const char* name() const override { return "budget"; }
  Status on_headers(Call&) override {
    if (left_.fetch_sub(1, std::memory_order_relaxed) > 0) return {};
    return {Errc::kResourceExhausted, "no budget left"};
  }
  std::atomic<std::int64_t> left_{std::int64_t{1} << 60};
};
class Size final : public Interceptor {
  const char* name() const override { return "size"; }
  Status on_request(Call&, const Message& request) override {
    if (request.ByteSizeLong() < 100'000) return {};
    return {Errc::kInvalidArgument, "too large"};
  }
};
class Counts final : public Interceptor {
  const char* name() const override { return "counts"; }
  void on_done(const Call&, const Outcome& outcome) noexcept override {
    ++by_code_[static_cast<std::size_t>(outcome.status.code())];
    total_ns_ += static_cast<std::uint64_t>(outcome.latency.count());
  }
  std::array<std::atomic<std::uint64_t>, 17> by_code_{};
  std::atomic<std::uint64_t> total_ns_{0};
};

void announce(const std::string& mode, int port) {
  std::printf("{\"mode\":\"%s\",\"port\":%d}\n", mode.c_str(), port);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
}

int fail_with(const Status& status) {
  std::fprintf(stderr, "grpc_servers: %s\n", status.to_string().c_str());
  return 3;
}

int serve_raw(const std::string& address) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  RawEcho echo;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&echo);
  const auto server = builder.BuildAndStart();
  if (!server) return fail_with({Errc::kUnavailable, "listen " + address});
  announce("raw", port);
  server->Shutdown();
  return 0;
}

Status fill(const std::string& mode, System& system, MethodTable& table,
            std::unique_ptr<ServiceHost>& actors) {
  table.intercept(std::make_shared<Counts>());
  table.intercept(std::make_shared<Token>());
  table.intercept(std::make_shared<Budget>());
  table.intercept(std::make_shared<Size>());
  if (mode == "actor" || mode == "pool") {
    HostOptions options;
    options.in_place = mode == "actor";
    auto opened = host<EchoActor, EchoMethods>(system, table, options);
    if (!opened) return opened.error();
    actors = std::move(*opened);
    return {};
  }
  Functions<EchoMethods> echo;
  echo.on<EchoMethods::Say>(&say);
  for (const Method& method : echo.rows())
    if (Status added = table.add(method); !added.ok()) return added;
  return {};
}

int serve_brontes(const std::string& mode, const std::string& address) {
  System system;
  MethodTable table;
  std::unique_ptr<ServiceHost> actors;
  if (Status filled = fill(mode, system, table, actors); !filled.ok()) return fail_with(filled);
  const bool shared = mode == "shared";
  GrpcDoorOptions options;
  if (!shared) options.address = address;
  auto door = GrpcDoor::open(table, options);
  if (!door) return fail_with(door.error());
  if (!shared) return announce(mode, (*door)->port()), 0;
  ListenerOptions listening;
  listening.address = address;
  listening.grpc = [&](int fd, const std::string& early) { return (*door)->adopt(fd, early); };
  listening.http = [](int, const std::string&) { return false; };
  auto listener = listen(system, listening);
  if (!listener) return fail_with(listener.error());
  announce(mode, listener->port);
  stop(std::exchange(listener->actor, ListenerActor()));
  return 0;
}

void report_usage(const std::string& mode) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) { return time.tv_sec * 1'000'000L + time.tv_usec; };
  std::printf("{\"mode\":\"%s\",\"cpu_us\":%ld}\n", mode.c_str(),
              micros(usage.ru_utime) + micros(usage.ru_stime));
}

}  // namespace
}  // namespace brontes::testing

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const std::string address = argc > 2 ? argv[2] : "127.0.0.1:0";
  if (mode != "raw" && mode != "function" && mode != "actor" && mode != "pool" &&
      mode != "shared") {
    std::fprintf(stderr, "usage: grpc_servers raw|function|actor|pool|shared [HOST:PORT]\n");
    return 2;
  }
  const int code = mode == "raw" ? brontes::testing::serve_raw(address)
                                 : brontes::testing::serve_brontes(mode, address);
  if (code == 0) brontes::testing::report_usage(mode);
  return code;
}
