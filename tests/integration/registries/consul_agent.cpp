#include "consul_agent.hpp"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "local_server.hpp"

namespace brontes::testing {
namespace {

constexpr const char* kRoot = "11111111-2222-3333-4444-555555555555";  // may do everything
constexpr int kTries = 10;       // with other ports, when somebody was quicker
constexpr int kLooks = 100'000;  // of an operator who waits for what is sure to come

}  // namespace

ConsulAgent::ConsulAgent(ConsulFlags flags)
    : flags_(std::move(flags)), folder_(::testing::TempDir() + "brontes-consul-XXXXXX") {
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("mkdtemp " + folder_);
  for (int i = 0; i < kTries; ++i) {
    ports_ = free_ports(3);
    if (try_to_start()) return;
    kill();
  }
  throw std::runtime_error("consul does not start: " + program());
}

ConsulAgent::~ConsulAgent() {
  kill();
  std::filesystem::remove_all(folder_);
}

std::string ConsulAgent::program() {
  for (const char* path : {CONSUL_PROGRAM, CONSUL_FETCHED})
    if (::access(path, X_OK) == 0) return path;
  return {};
}

std::string ConsulAgent::why_none() {
  std::ifstream file(std::string(CONSUL_FETCHED) + ".why-not");
  std::string why;
  std::getline(file, why);
  return "there is no Consul here: " + (why.empty() ? "run tools/fetch_consul.sh" : why);
}

std::vector<std::string> ConsulAgent::demand_tokens() {
  return {"-hcl",
          std::string("acl { enabled = true  default_policy = \"deny\"  tokens { master = \"") +
              kRoot + "\"  agent = \"" + kRoot + "\" } }"};
}

std::string ConsulAgent::token_for(const std::string& rules) const {
  static int last = 0;
  const std::string name = "policy-" + std::to_string(++last);
  const std::string root = std::string("-H 'X-Consul-Token: ") + kRoot + "'";
  nlohmann::json policy{{"Name", name}, {"Rules", rules}};
  http("PUT", "/v1/acl/policy", policy.dump(), root);
  const nlohmann::json token{{"Policies", {{{"Name", name}}}}};
  const auto made = nlohmann::json::parse(http("PUT", "/v1/acl/token", token.dump(), root));
  return made.at("SecretID");
}

std::string ConsulAgent::address() const { return local(ports_[0]); }

std::string ConsulAgent::url(const std::string& prefix) const {
  return "consul://" + address() + "?prefix=" + prefix;
}

bool ConsulAgent::try_to_start() {
  const std::string api = std::to_string(ports_[0]);
  // It must not outlive a test that is killed.
  std::vector<std::string> command = {"/usr/bin/setpriv",
                                      "--pdeathsig",
                                      "KILL",
                                      program(),
                                      "agent",
                                      "-bind=127.0.0.1",
                                      "-client=127.0.0.1",
                                      "-node=n1",
                                      "-log-level=debug",
                                      "-dns-port=-1",
                                      "-grpc-port=-1",
                                      "-serf-wan-port=-1",
                                      "-" + flags_.scheme + "-port=" + api,
                                      "-server-port=" + std::to_string(ports_[1]),
                                      "-serf-lan-port=" + std::to_string(ports_[2]),
                                      "-hcl",
                                      "disable_update_check = true",
                                      "-hcl",
                                      "performance { raft_multiplier = 1 }"};
  if (flags_.scheme == "https") command.push_back("-http-port=-1");
  if (flags_.kept) {
    command.insert(command.end(), {"-server", "-bootstrap-expect=1", "-data-dir=" + folder_});
  } else {
    command.push_back("-dev");
  }
  command.insert(command.end(), flags_.more.begin(), flags_.more.end());
  process_ = std::make_unique<ChildProcess>(command, STDOUT_FILENO);
  // "Synced node info", or after a restart "Node info in sync".
  if (process_->wait_for_line("ode info").empty()) return false;
  reader_ = std::thread([process = process_.get()] {
    (void)process->wait_for_line("never said");  // ends with the process
  });
  return true;
}

void ConsulAgent::kill() {
  if (!process_) return;
  process_->signal(SIGCONT);
  process_->signal(SIGKILL);
  if (reader_.joinable()) reader_.join();
  (void)process_->wait();
  process_.reset();
}

void ConsulAgent::start() {
  if (!try_to_start()) throw std::runtime_error("consul does not start again");
}

void ConsulAgent::wipe() {
  kill();
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directory(folder_);
  start();
}

std::string ConsulAgent::http(const std::string& method, const std::string& path,
                              const std::string& body, const std::string& more) const {
  std::string command = "curl -sk -m 30 -X " + method + " " + more;
  if (!body.empty()) command += " -d " + quoted(body);
  return output_of(command + " " + quoted(flags_.scheme + "://" + address() + path));
}

void ConsulAgent::deregister(const std::string& id) const {
  http("PUT", "/v1/agent/service/deregister/" + id);
  for (int i = 0; i < kLooks; ++i)
    if (!nlohmann::json::parse(http("GET", "/v1/catalog/node/n1"))["Services"].contains(id)) return;
  FAIL() << "service " << id << " is still there";
}

void ConsulAgent::deregister_all() const {
  const auto services = nlohmann::json::parse(http("GET", "/v1/agent/services"));
  for (const auto& [id, service] : services.items()) deregister(id);
}

ConsulAgent& shared_consul() {
  static ConsulAgent consul;
  return consul;
}

}  // namespace brontes::testing
