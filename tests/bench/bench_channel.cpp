// CPU that a brontes channel adds to a unary call; client and server in this process.
//   stub  a stock stub on a brontes channel, against the same stub on a grpc::Channel
//   call  call<M> with its retries, against the same stub on a grpc::Channel
// The two sides take turns, block by block: what the machine does meanwhile hits both.
// Prints {"balanced_us": per call, "plain_us": per call}.
#include <absl/synchronization/mutex.h>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <cstdio>
#include <functional>
#include <string>

#include "cpu_time.hpp"
#include "echo_load.hpp"
#include "testing.brontes.hpp"

namespace {

using brontes::testing::Answer;
using brontes::testing::Ask;
using brontes::testing::Echo;
using brontes::testing::Load;
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

/// Makes that many calls; false when one failed.
using Block = std::function<bool(int calls)>;

Block stub_block(std::shared_ptr<grpc::ChannelInterface> channel) {
  std::shared_ptr<Echo::Stub> stub = Echo::NewStub(std::move(channel));
  return [stub](int calls) {
    constexpr int kOutstanding = 32;
    Load load(*stub, calls, kOutstanding);
    load.run();
    return load.errors() == 0;
  };
}

Block call_block(const brontes::Channel& channel) {
  return [&channel](int calls) {
    Ask ask;
    ask.set_name("world");
    for (int i = 0; i < calls; ++i)
      if (!brontes::call<Say>(channel, ask).wait()) return false;
    return true;
  };
}

Block one_by_one(const std::shared_ptr<grpc::ChannelInterface>& channel) {
  std::shared_ptr<Echo::Stub> stub = Echo::NewStub(channel);
  return [stub](int calls) {
    Ask ask;
    ask.set_name("world");
    Answer answer;
    for (int i = 0; i < calls; ++i) {
      grpc::ClientContext context;
      if (!stub->Say(&context, ask, &answer).ok()) return false;
    }
    return true;
  };
}

int compare(const Block& balanced, const Block& plain) {
  constexpr int kRounds = 20, kCalls = 2'000;
  double balanced_s = 0, plain_s = 0;
  const auto spend = [](const Block& block, double& spent) {
    const double before = brontes::bench::cpu_seconds();
    const bool ok = block(kCalls);
    spent += brontes::bench::cpu_seconds() - before;
    return ok;
  };
  bool ok = balanced(kCalls) && plain(kCalls);  // to warm up
  for (int round = 0; round < kRounds && ok; ++round) {
    const bool ours_first = round % 2 == 0;
    ok = (!ours_first || spend(balanced, balanced_s)) && spend(plain, plain_s) &&
         (ours_first || spend(balanced, balanced_s));
  }
  if (!ok) {
    std::fprintf(stderr, "bench_channel: a call failed\n");
    return 1;
  }
  constexpr double kMicros = 1e6 / (kRounds * kCalls);
  std::printf("{\"balanced_us\": %.3f, \"plain_us\": %.3f}\n", balanced_s * kMicros,
              plain_s * kMicros);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string which = argc > 1 ? argv[1] : "";
  if (which != "stub" && which != "call") {
    std::fprintf(stderr, "usage: bench_channel stub|call\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // for both sides
  const Server server;
  const auto plain = grpc::CreateChannel(server.address(), grpc::InsecureChannelCredentials());
  brontes::System system;
  const auto channel = brontes::Channel::open(system, "static://" + server.address());
  if (!channel || !channel->wait_ready(std::chrono::seconds(10)).ok()) {
    std::fprintf(stderr, "bench_channel: the server cannot be reached\n");
    return 3;
  }
  return which == "stub" ? compare(stub_block(channel->stub_channel()), stub_block(plain))
                         : compare(call_block(*channel), one_by_one(plain));
}
