#include <gtest/gtest.h>
#include <brontes/runtime/signals.hpp>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <stdexcept>

namespace brontes {
namespace {

TEST(SignalWatch, TellsEverySignalOnAThreadOfItsOwn) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> seen;
  const SignalWatch watch({SIGTERM, SIGINT}, [&](int signal) {
    const std::lock_guard lock(mutex);
    seen.push_back(signal);
    changed.notify_one();
  });
  raise(SIGTERM);
  raise(SIGINT);
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return seen.size() == 2; });
  EXPECT_EQ(seen, (std::vector<int>{SIGTERM, SIGINT}));
}

TEST(SignalWatch, RestoresWhatWasInstalledBefore) {
  std::signal(SIGTERM, SIG_IGN);
  {
    const SignalWatch watch({SIGTERM}, [](int) {});
  }
  raise(SIGTERM);  // would end the test
  EXPECT_EQ(std::signal(SIGTERM, SIG_DFL), SIG_IGN);
}

TEST(SignalWatch, IsOnePerProcess) {
  const SignalWatch watch({SIGTERM}, [](int) {});
  EXPECT_THROW(SignalWatch({SIGTERM}, [](int) {}), std::logic_error);
}

}  // namespace
}  // namespace brontes
