// CPU that a brontes channel adds to a unary call; client and server in this process.
//   stub  a stock stub on a brontes channel, against the same stub on a grpc::Channel
//   call  call<M> with its retries, against the same stub on a grpc::Channel
//   pick  what the channel does before a call: pick, and ask gRPC whether the connection is there
// The two sides take turns, block by block: what the machine does meanwhile hits both.
// Prints {"balanced_us": CPU per call, "plain_us": CPU per call, "balanced_wall_us":...,
// "plain_wall_us":...}, for pick {"cpu_ns": per pick}.
#include <absl/synchronization/mutex.h>
#include <brontes/actors/published.hpp>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/balancing/round_robin.hpp>
#include <brontes/discovery/channel/channel.hpp>
#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/channel/grpc_transport.hpp>
#include <cstdio>
#include <functional>
#include <semaphore>
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

/// What the blocks of one side took.
struct Spent {
  double cpu_s = 0, wall_us = 0;

  bool run(const Block& block, int calls) {
    const double cpu = brontes::bench::cpu_seconds();
    const brontes::TimePoint begun = brontes::system_clock().now();
    const bool ok = block(calls);
    cpu_s += brontes::bench::cpu_seconds() - cpu;
    wall_us += brontes::testing::micros(brontes::system_clock().now() - begun);
    return ok;
  }
};

int compare(const Block& balanced, const Block& plain) {
  constexpr int kRounds = 20, kCalls = 2'000;
  Spent ours, theirs;
  bool ok = balanced(kCalls) && plain(kCalls);  // to warm up
  for (int round = 0; round < kRounds && ok; ++round)
    ok = round % 2 == 0 ? ours.run(balanced, kCalls) && theirs.run(plain, kCalls)
                        : theirs.run(plain, kCalls) && ours.run(balanced, kCalls);
  if (!ok) {
    std::fprintf(stderr, "bench_channel: a call failed\n");
    return 1;
  }
  constexpr double kAll = kRounds * kCalls;
  std::printf(
      "{\"balanced_us\": %.3f, \"plain_us\": %.3f, \"balanced_wall_us\": %.3f, "
      "\"plain_wall_us\": %.3f}\n",
      ours.cpu_s * 1e6 / kAll, theirs.cpu_s * 1e6 / kAll, ours.wall_us / kAll,
      theirs.wall_us / kAll);
  return 0;
}

int measure_pick(const std::string& address) {
  const auto endpoint = std::make_shared<brontes::Endpoint>(address);
  std::binary_semaphore connected(0);
  const auto transport = brontes::make_grpc_transport(brontes::system_clock());
  endpoint->adopt(transport->open(
      {address, "", endpoint->shared_stats(), [&connected](brontes::Connectivity state) {
         if (state == brontes::Connectivity::kReady) connected.release();
       }}));
  endpoint->connection()->connect();
  connected.acquire();
  const auto policy = brontes::make_round_robin(0);
  const brontes::Published<brontes::Picker> published(
      policy->make_picker({{endpoint, std::make_shared<brontes::Instance>()}}));

  constexpr int kPicks = 1'000'000;
  int picked = 0;
  const auto pick = [&](const brontes::Picker& picker) {
    picked += brontes::pick_ready(picker, {"/s/m"}).endpoint == endpoint.get();
  };
  const double before = brontes::bench::cpu_seconds();
  for (int i = 0; i < kPicks; ++i) published.read(pick);
  const double used = brontes::bench::cpu_seconds() - before;
  std::printf("{\"cpu_ns\": %.3f}\n", used * 1e9 / kPicks);
  return picked == kPicks ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string which = argc > 1 ? argv[1] : "";
  if (which != "stub" && which != "call" && which != "pick") {
    std::fprintf(stderr, "usage: bench_channel stub|call|pick\n");
    return 2;
  }
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // for both sides
  const Server server;
  if (which == "pick") return measure_pick(server.address());
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
