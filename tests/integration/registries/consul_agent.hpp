// Consul as Debian 11 has it (tools/fetch_consul.sh): one agent that is its own server, on ports
// that were free, with its data in a folder that goes with it.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "child_process.hpp"

namespace brontes::testing {

struct ConsulFlags {
  bool kept = false;                   ///< with a folder of data; else as with -dev
  std::vector<std::string> more = {};  ///< words of the command line
  std::string scheme = "http";         ///< "https" needs files among the words
};

/// Throws std::runtime_error when it does not start.
class ConsulAgent {
 public:
  explicit ConsulAgent(ConsulFlags flags = {});
  ~ConsulAgent();
  ConsulAgent(const ConsulAgent&) = delete;

  /// Empty: there is none.
  static std::string program();
  /// What tools/fetch_consul.sh said.
  static std::string why_none();

  /// Words of the command line with which it lets nobody in without a token.
  static std::vector<std::string> demand_tokens();
  /// Of an agent that was started with them: a new token with a policy of these rules.
  std::string token_for(const std::string& rules) const;

  std::string address() const;
  /// "consul://h:p?prefix=PREFIX"
  std::string url(const std::string& prefix) const;

  /// kill -9; the data stays, if it is kept.
  void kill();
  /// After kill(); returns when it serves and has told its servers of itself.
  void start();
  /// Kills it, loses its data, starts it again.
  void wipe();
  /// It neither runs nor closes its connections.
  void pause() { process_->signal(SIGSTOP); }
  void resume() { process_->signal(SIGCONT); }

  /// curl, at its API: what it answers. `more` are words of curl's command line.
  std::string http(const std::string& method, const std::string& path, const std::string& body = {},
                   const std::string& more = {}) const;
  /// As an operator would, the service with that id; returns when its servers do not show it.
  void deregister(const std::string& id) const;
  /// All services at this agent.
  void deregister_all() const;

 private:
  bool try_to_start();

  const ConsulFlags flags_;
  std::string folder_;
  std::vector<int> ports_;
  std::unique_ptr<ChildProcess> process_;
  std::thread reader_;  ///< of what it logs, so that it never waits for us
};

/// One for all tests of a program that keep to their own prefix, one after the other.
ConsulAgent& shared_consul();

/// Skips a test where there is no Consul.
#define NEEDS_CONSUL()                                  \
  if (brontes::testing::ConsulAgent::program().empty()) \
  GTEST_SKIP() << brontes::testing::ConsulAgent::why_none()

}  // namespace brontes::testing
