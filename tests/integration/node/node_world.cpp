#include "node_world.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace brontes::testing {

std::string exchange(std::uint16_t port, const std::string& bytes, const std::string& text) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{std::chrono::seconds(kHang).count(), 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) {
    char part[4096];
    if (send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0)
      for (ssize_t got = 0; (text.empty() || answer.find(text) == std::string::npos) &&
                            (got = recv(fd, part, sizeof part, 0)) > 0;)
        answer.append(part, got);
    if (answer.empty()) answer = "lost";
  }
  close(fd);
  return answer;
}

std::string http_get(std::uint16_t port, const std::string& path) {
  return exchange(port, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                  "");
}

Chronicle::Chronicle(Discovery& discovery) {
  auto subscription = discovery.subscribe(Query{"greeter", "v1", {}, {}},
                                          [this](const DiscoveryEvent& event) { note(event); });
  EXPECT_TRUE(subscription) << subscription.error().to_string();
  if (subscription) subscription_ = std::move(*subscription);
}

void Chronicle::note(const DiscoveryEvent& event) {
  const std::lock_guard lock(mutex_);
  for (const auto& instance : event.change.added) entries_.push_back("+" + instance->version);
  for (const auto& instance : event.change.updated)
    entries_.push_back(instance->healthy ? "~healthy" : "~drained");
  for (const auto& instance : event.change.removed) entries_.push_back("-" + instance->version);
  changed_.notify_all();
}

std::vector<std::string> Chronicle::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kHang, [&] { return entries_.size() >= count; });
  return entries_;
}

bool Chronicle::wait_until(const std::string& newest) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kHang,
                           [&] { return !entries_.empty() && entries_.back() == newest; });
}

std::vector<std::string> Chronicle::so_far() {
  const std::lock_guard lock(mutex_);
  return entries_;
}

}  // namespace brontes::testing
