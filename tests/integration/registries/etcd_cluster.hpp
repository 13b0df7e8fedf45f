// etcd as it comes with Debian: one member or several on this machine, on ports that were free,
// with their data in a folder that goes with them.
#pragma once

#include <gtest/gtest.h>
#include <brontes/actors/system.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <memory>
#include <string>
#include <vector>

namespace brontes::testing {

struct EtcdFlags {
  std::vector<std::string> more = {};  ///< for every member
  std::string scheme = "http";         ///< of clients; "https" needs files among the flags
};

/// Throws std::runtime_error when etcd does not start.
class EtcdCluster {
 public:
  explicit EtcdCluster(std::size_t size = 1, EtcdFlags flags = {});
  ~EtcdCluster();
  EtcdCluster(const EtcdCluster&) = delete;

  /// Whether there is an etcd on this machine; tests that need one skip without it.
  static bool is_installed();

  std::string address(std::size_t member = 0) const;
  /// "etcd://h:p,h:p?prefix=/PREFIX"
  std::string url(const std::string& prefix) const;

  /// kill -9; the data stays.
  void kill(std::size_t member = 0);
  /// After kill(); returns when it serves, or at once if `wait` is false.
  void start(std::size_t member = 0, bool wait = true);
  /// Kills it, loses its data, starts it again. For a cluster of one.
  void wipe();
  /// It neither runs nor closes its connections.
  void pause(std::size_t member = 0);
  void resume(std::size_t member = 0);

  /// etcdctl, at the first member: what it prints, errors too.
  std::string ctl(const std::vector<std::string>& words) const;
  /// From now on only "me", whose password is "secret", reads and writes under /p/.
  void demand_passwords() const;
  std::int64_t revision() const;
  /// Forgets the history up to now.
  void compact() const;
  /// Which member leads.
  std::size_t leader() const;

 private:
  struct Member;
  bool start_all();
  void launch(Member& member);
  bool serves(Member& member);

  const EtcdFlags flags_;
  std::string folder_;
  std::vector<std::unique_ptr<Member>> members_;
};

/// One for all tests of a program that keep to their own prefix.
EtcdCluster& shared_etcd();
/// A prefix that no other test has.
std::string fresh_prefix();

/// Skips a test where there is no etcd.
#define NEEDS_ETCD()                                  \
  if (!brontes::testing::EtcdCluster::is_installed()) \
  GTEST_SKIP() << "etcd-server and etcd-client are not installed (tools/packages-test.txt)"

}  // namespace brontes::testing
