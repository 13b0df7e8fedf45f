// What callers see when a server process is killed under load (kill -9), and when it comes back.
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "channel_fixture.hpp"

namespace brontes::testing {
namespace {

class EchoProcess {
 public:
  explicit EchoProcess(int port = 0) {
    int out[2];
    if (pipe(out) != 0) std::abort();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    std::string program = ECHO_PROCESS, wanted = std::to_string(port);
    char* arguments[] = {program.data(), wanted.data(), nullptr};
    if (posix_spawn(&pid_, ECHO_PROCESS, &actions, nullptr, arguments, environ) != 0) std::abort();
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    std::string line;
    for (char c = 0; read(out[0], &c, 1) == 1 && c != '\n';) line += c;
    close(out[0]);
    port_ = std::atoi(line.c_str());
  }
  ~EchoProcess() { kill(); }
  void kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  pid_t pid_ = 0;
  int port_ = 0;
};

using KilledServer = ChannelTest;

TEST_F(KilledServer, CostsSixteenCallersNoCall) {
  auto victim = std::make_unique<EchoProcess>();
  const Channel channel = open(both() + "," + victim->address(), 3);
  std::atomic<bool> enough{false};
  std::atomic<int> good{0};
  std::vector<std::string> bad(16);
  std::vector<std::thread> callers;
  for (auto& error : bad)
    callers.emplace_back([&] {
      while (!enough && error.empty()) {
        const auto said = call<Say>(channel, Ask()).wait();
        if (said)
          ++good;
        else
          error = said.error().to_string();
      }
    });
  const auto await_more = [&](int more) {
    const int enough_calls = good + more;
    while (good < enough_calls) std::this_thread::yield();
  };
  for (int round = 0; round < 3; ++round) {
    await_more(300);
    victim->kill();
    await_more(300);
    victim = std::make_unique<EchoProcess>(victim->port());
    EXPECT_TRUE(channel.wait_ready(kHang, 3).ok());
  }
  enough = true;
  for (auto& caller : callers) caller.join();
  for (const auto& error : bad) EXPECT_EQ(error, "");
}

TEST_F(KilledServer, IsNotPickedByStockStubsOnceItsResetWasSeen) {
  EchoProcess victim;
  const Channel channel = open("static://" + a->address() + "," + victim.address(), 2);
  auto stub = Echo::NewStub(channel.stub_channel());
  victim.kill();
  while (called(channel) > 1) std::this_thread::yield();
  for (int i = 0; i < 100; ++i) {
    grpc::ClientContext context;
    Answer answer;
    const auto status = stub->Say(&context, {}, &answer);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_EQ(a->service.calls, 100);
}

}  // namespace
}  // namespace brontes::testing
