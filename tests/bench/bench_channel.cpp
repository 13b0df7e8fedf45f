// CPU of a unary call, client and server in this process, one call after the other.
//   balanced  a stock stub on a brontes channel
//   plain     a stock stub on a grpc::Channel
//   call      call<M>, with its retries
// Prints {"cpu_us": per call}.
#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>

#include <brontes/actors/system.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <cstdio>
#include <functional>
#include <string>

#include "cpu_time.hpp"
#include "testing.brontes.hpp"
#include "testing.grpc.pb.h"

namespace {

using brontes::testing::Answer;
using brontes::testing::Ask;
using brontes::testing::Echo;
using Say = brontes::testing::EchoMethods::Say;

class Server final : public Echo::CallbackService {
 public:
  Server() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  grpc::ServerUnaryReactor* Say(grpc::CallbackServerContext* context, const Ask* ask,
                                Answer* answer) override {
    answer->set_text("hello " + ask->name());
    auto* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Microseconds of CPU per call; the calls must succeed.
double measure(const std::function<bool()>& call_once) {
  constexpr int kCalls = 20'000;
  for (int i = 0; i < kCalls / 10; ++i)
    if (!call_once()) return -1;
  const double before = brontes::bench::cpu_seconds();
  for (int i = 0; i < kCalls; ++i)
    if (!call_once()) return -1;
  return (brontes::bench::cpu_seconds() - before) * 1e6 / kCalls;
}

double measure_stub(Echo::Stub& stub) {
  Ask ask;
  ask.set_name("brontes");
  return measure([&] {
    grpc::ClientContext context;
    Answer answer;
    return stub.Say(&context, ask, &answer).ok();
  });
}

double run(const std::string& which, const Server& server) {
  if (which == "plain") {
    const auto plain = grpc::CreateChannel(server.address(), grpc::InsecureChannelCredentials());
    return measure_stub(*Echo::NewStub(plain));
  }
  brontes::System system;
  const auto channel = brontes::Channel::open(system, "static://" + server.address());
  if (!channel || !channel->wait_ready(std::chrono::seconds(10)).ok()) return -1;
  if (which == "balanced") return measure_stub(*Echo::NewStub(channel->stub_channel()));
  Ask ask;
  ask.set_name("brontes");
  return measure([&] { return brontes::call<Say>(*channel, ask).wait().has_value(); });
}

}  // namespace

int main(int argc, char** argv) {
  const std::string which = argc > 1 ? argv[1] : "";
  if (which != "balanced" && which != "plain" && which != "call") {
    std::fprintf(stderr, "usage: bench_channel balanced|plain|call\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // for both sides
  const Server server;
  const double cpu_us = run(which, server);
  if (cpu_us < 0) {
    std::fprintf(stderr, "a call failed\n");
    return 1;
  }
  std::printf("{\"cpu_us\": %.3f}\n", cpu_us);
}
