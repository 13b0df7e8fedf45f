#include "etcd_cluster.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "child_process.hpp"
#include "local_server.hpp"

namespace brontes::testing {
namespace {

constexpr int kStartTries = 10;  // with other ports, when somebody was quicker

}  // namespace

struct EtcdCluster::Member {
  std::string name, data;
  int client_port = 0, peer_port = 0;
  std::vector<std::string> command;
  std::unique_ptr<ChildProcess> process;
  std::thread reader;  ///< of what it logs, so that it never waits for us

  void end() {
    if (!process) return;
    process->signal(SIGCONT);
    process->signal(SIGKILL);
    if (reader.joinable()) reader.join();
    (void)process->wait();
    process.reset();
  }
};

EtcdCluster::EtcdCluster(std::size_t size, EtcdFlags flags)
    : flags_(std::move(flags)), folder_(::testing::TempDir() + "brontes-etcd-XXXXXX") {
  if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("mkdtemp " + folder_);
  for (int i = 0; i < kStartTries; ++i) {
    members_.clear();
    for (std::size_t m = 0; m < size; ++m) members_.push_back(std::make_unique<Member>());
    if (start_all()) return;
    for (const auto& member : members_) member->end();
  }
  throw std::runtime_error("etcd does not start; see " + folder_);
}

EtcdCluster::~EtcdCluster() {
  for (const auto& member : members_) member->end();
  std::filesystem::remove_all(folder_);
}

bool EtcdCluster::is_installed() {
  return ::access(ETCD_PROGRAM, X_OK) == 0 && ::access(ETCDCTL_PROGRAM, X_OK) == 0;
}

bool EtcdCluster::start_all() {
  const auto ports = free_ports(2 * members_.size());
  std::string cluster;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    Member& member = *members_[i];
    member.name = "m" + std::to_string(i);
    member.data = folder_ + "/" + member.name;
    std::filesystem::remove_all(member.data);
    member.client_port = ports[2 * i];
    member.peer_port = ports[2 * i + 1];
    cluster += (i > 0 ? "," : "") + member.name + "=http://" + local(member.peer_port);
  }
  for (const auto& member : members_) {
    const std::string client = flags_.scheme + "://" + local(member->client_port);
    const std::string peer = "http://" + local(member->peer_port);
    // It must not outlive a test that is killed.
    member->command = {"/usr/bin/setpriv",
                       "--pdeathsig",
                       "KILL",
                       ETCD_PROGRAM,
                       "--name",
                       member->name,
                       "--data-dir",
                       member->data,
                       "--listen-client-urls",
                       client,
                       "--advertise-client-urls",
                       client,
                       "--listen-peer-urls",
                       peer,
                       "--initial-advertise-peer-urls",
                       peer,
                       "--initial-cluster",
                       cluster};
    member->command.insert(member->command.end(), flags_.more.begin(), flags_.more.end());
    launch(*member);
  }
  for (const auto& member : members_)
    if (!serves(*member)) return false;
  return true;
}

void EtcdCluster::launch(Member& member) {
  member.process = std::make_unique<ChildProcess>(member.command);
}

bool EtcdCluster::serves(Member& member) {
  if (member.process->wait_for_line("ready to serve client requests").empty()) return false;
  member.reader = std::thread([process = member.process.get()] {
    (void)process->wait_for_line("never said");  // ends with the process
  });
  return true;
}

std::string EtcdCluster::address(std::size_t member) const {
  return local(members_[member]->client_port);
}

std::string EtcdCluster::url(const std::string& prefix) const {
  std::string text = "etcd://";
  for (std::size_t i = 0; i < members_.size(); ++i) text += (i > 0 ? "," : "") + address(i);
  return text + "?prefix=" + prefix;
}

void EtcdCluster::kill(std::size_t member) { members_[member]->end(); }

void EtcdCluster::start(std::size_t member, bool wait) {
  Member& one = *members_[member];
  launch(one);
  if (wait) {
    if (!serves(one)) throw std::runtime_error("etcd does not start again");
    return;
  }
  one.reader =
      std::thread([process = one.process.get()] { (void)process->wait_for_line("never said"); });
}

void EtcdCluster::wipe() {
  kill();
  std::filesystem::remove_all(members_[0]->data);
  start();
}

void EtcdCluster::pause(std::size_t member) { members_[member]->process->signal(SIGSTOP); }
void EtcdCluster::resume(std::size_t member) { members_[member]->process->signal(SIGCONT); }

std::string EtcdCluster::ctl(const std::vector<std::string>& words) const {
  std::string command = "ETCDCTL_API=3 " ETCDCTL_PROGRAM " --endpoints=" + flags_.scheme + "://" +
                        address() + " --command-timeout=10s";
  for (const std::string& word : words) command += " " + quoted(word);
  return output_of(command + " 2>&1");
}

void EtcdCluster::demand_passwords() const {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"user", "add", "root:rootpw"},
           {"user", "grant-role", "root", "root"},
           {"user", "add", "me:secret"},
           {"role", "add", "brontes"},
           {"role", "grant-permission", "brontes", "--prefix=true", "readwrite", "/p/"},
           {"user", "grant-role", "me", "brontes"},
           {"auth", "enable"}}) {
    const std::string said = ctl(words);
    EXPECT_EQ(said.find("Error"), std::string::npos) << said;
  }
}

std::int64_t EtcdCluster::revision() const {
  const auto status = nlohmann::json::parse(ctl({"endpoint", "status", "-w", "json"}));
  return status.at(0).at("Status").at("header").at("revision").get<std::int64_t>();
}

void EtcdCluster::compact() const {
  const std::string said = ctl({"compact", std::to_string(revision())});
  // It may be compacted up to here already.
  EXPECT_NE(said.find("compacted"), std::string::npos) << said;
}

std::size_t EtcdCluster::leader() const {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::string said =
        output_of("ETCDCTL_API=3 " ETCDCTL_PROGRAM " --endpoints=" + address(i) +
                  " endpoint status -w json 2>&1");
    const auto status = nlohmann::json::parse(said).at(0).at("Status");
    if (status.at("leader") == status.at("header").at("member_id")) return i;
  }
  throw std::runtime_error("nobody leads");
}

EtcdCluster& shared_etcd() {
  static EtcdCluster etcd;
  return etcd;
}

std::string fresh_prefix() {
  static std::atomic<int> last{0};
  return "/test/" + std::to_string(++last);
}

}  // namespace brontes::testing
