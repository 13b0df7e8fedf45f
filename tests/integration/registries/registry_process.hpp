// `brontes registry` as a process of its own, on a port that was free.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "child_process.hpp"

namespace brontes::testing {

class RegistryProcess {
 public:
  explicit RegistryProcess(const std::vector<std::string>& more = {},
                           const std::string& listen = "127.0.0.1:0")
      : process_(words(listen, more), STDOUT_FILENO),
        address_(nlohmann::json::parse(process_.wait_for_line("serving"))["address"]) {}

  const std::string& address() const { return address_; }
  std::string url(const std::string& prefix = "/hestia/registry-etcd") const {
    return "etcd://" + address_ + "?prefix=" + prefix;
  }
  ChildProcess& process() { return process_; }

 private:
  static std::vector<std::string> words(const std::string& listen,
                                        const std::vector<std::string>& more) {
    std::vector<std::string> all{BRONTES_COMMAND, "registry", "--listen", listen, "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  ChildProcess process_;
  std::string address_;
};

}  // namespace brontes::testing
