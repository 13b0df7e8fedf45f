// Many callers at once, and who answered them.
#pragma once

#include <atomic>
#include <brontes/discovery/channel/channel.hpp>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace demo {

struct Tally {
  std::map<std::string, int> calls;     ///< answered, by address
  std::map<std::string, int> failures;  ///< by status
  int resent = 0;                       ///< answered, but not by the first node that was tried
  int answered() const;
  int failed() const;
};

/// Calls until each caller has made its calls. The destructor waits for that.
class Load {
 public:
  Load(const brontes::Channel& channel, int callers, int calls_each);
  ~Load();

  /// Blocks until so many calls were made.
  void wait_for(int calls) const;
  /// Blocks until all were made.
  Tally finish();

 private:
  void run(const brontes::Channel& channel, int calls, Tally& tally);

  std::vector<Tally> tallies_;
  std::atomic<int> made_{0};
  std::vector<std::jthread> callers_;
};

}  // namespace demo
