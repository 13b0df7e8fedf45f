// The wire over c-ares: one thread that owns the channel, its sockets and all that waits.
#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <brontes/discovery/registries/dns/detail/wire.hpp>
#include <mutex>
#include <thread>
#include <utility>

namespace brontes::dns {
namespace {

constexpr int kPatienceMs = 700;  // with the first attempt at a server; twice that with the second
constexpr int kAttempts = 2;

struct Job {
  Question question;
  Ear ear;
};

Status status_of(int code) {
  switch (code) {
    case ARES_SUCCESS:
      return {};
    case ARES_ENODATA:
    case ARES_ENOTFOUND:
      return {Errc::kNotFound, ares_strerror(code)};
    case ARES_EBADNAME:
    case ARES_EFORMERR:
      return {Errc::kInvalidArgument, ares_strerror(code)};
    default:
      return {Errc::kUnavailable, ares_strerror(code)};
  }
}

/// c-ares' channel. Confined to one thread.
class Channel {
 public:
  explicit Channel(std::string servers) : servers_(std::move(servers)) {}
  ~Channel() { close(); }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void ask(Job job) {
    if (waiting_ == 0 && suspect_) close();  // the machine's servers may be others by now
    const Status status = open();
    if (!status.ok()) return job.ear({status});
    ++waiting_;
    const auto type = static_cast<int>(job.question.type);
    const std::string name = job.question.name;
    ares_query(channel_, name.c_str(), ns_c_in, type, &Channel::heard,
               new Waiting{this, std::move(job)});
  }

  /// Waits for servers, for c-ares' own timers, and for `wake`.
  void poll_once(int wake) {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const unsigned bits =
        channel_ ? static_cast<unsigned>(ares_getsock(channel_, sockets.data(), sockets.size()))
                 : 0;
    std::array<pollfd, ARES_GETSOCK_MAXNUM + 1> polled{{{wake, POLLIN, 0}}};
    nfds_t count = 1;
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
      short events = 0;
      if (ARES_GETSOCK_READABLE(bits, i)) events |= POLLIN;
      if (ARES_GETSOCK_WRITABLE(bits, i)) events |= POLLOUT;
      if (events != 0) polled[count++] = {sockets[i], events, 0};
    }
    const int ready = ::poll(polled.data(), count, patience());
    if (!channel_) return;
    if (ready <= 0) return ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    for (nfds_t i = 1; i < count; ++i) {
      const auto [fd, asked, got] = polled[i];
      if (got == 0) continue;
      const bool readable = (got & (POLLIN | POLLERR | POLLHUP)) != 0;
      ares_process_fd(channel_, readable ? fd : ARES_SOCKET_BAD,
                      (got & POLLOUT) != 0 ? fd : ARES_SOCKET_BAD);
    }
  }

 private:
  struct Waiting {
    Channel* channel;
    Job job;
  };

  Status open() {
    if (channel_) return {};
    ares_options options{};
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    options.timeout = kPatienceMs;
    options.tries = kAttempts;
    int code = ares_init_options(&channel_, &options,
                                 ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (code == ARES_SUCCESS && !servers_.empty())
      code = ares_set_servers_ports_csv(channel_, servers_.c_str());
    if (code == ARES_SUCCESS) return {};
    close();
    return {Errc::kUnavailable, std::string("begin to ask DNS: ") + ares_strerror(code)};
  }

  void close() {
    suspect_ = false;
    if (channel_) ares_destroy(channel_);
    channel_ = nullptr;
  }

  int patience() const {
    timeval buffer{};
    const timeval* left = channel_ ? ares_timeout(channel_, nullptr, &buffer) : nullptr;
    if (!left) return -1;
    return static_cast<int>(left->tv_sec * 1000 + (left->tv_usec + 999) / 1000);
  }

  static void heard(void* argument, int code, int, unsigned char* message, int length) {
    const std::unique_ptr<Waiting> waiting(static_cast<Waiting*>(argument));
    Channel& channel = *waiting->channel;
    --channel.waiting_;
    if (code == ARES_EDESTRUCTION || code == ARES_ECANCELLED) return;
    const Status status = status_of(code);
    if (status.code() == Errc::kUnavailable && channel.servers_.empty()) channel.suspect_ = true;
    Reply reply{status};
    if (status.ok()) reply.message.assign(reinterpret_cast<char*>(message), length);
    waiting->job.ear(reply);
  }

  const std::string servers_;  // as c-ares takes them; "": the machine's
  ares_channel channel_ = nullptr;
  std::size_t waiting_ = 0;
  bool suspect_ = false;  // the machine's servers did not answer
};

class CaresWire final : public Wire {
 public:
  explicit CaresWire(const std::vector<std::string>& servers)
      : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    std::string csv;
    for (const std::string& server : servers) csv += (csv.empty() ? "" : ",") + server;
    thread_ = std::jthread([this, csv](const std::stop_token& stopped) { run(csv, stopped); });
  }
  /// Waits for no server: the thread only ever waits in poll, and is woken.
  ~CaresWire() override {
    thread_.request_stop();
    wake();
    thread_.join();
    ::close(wake_);
  }

  void ask(Question question, Ear ear) override {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back({std::move(question), std::move(ear)});
    }
    wake();
  }

 private:
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
  }

  void run(const std::string& servers, const std::stop_token& stopped) {
    Channel channel(servers);
    while (!stopped.stop_requested()) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto got = ::read(wake_, &count, sizeof count);
      for (Job& job : take_jobs()) channel.ask(std::move(job));
      channel.poll_once(wake_);
    }
  }

  std::vector<Job> take_jobs() {
    const std::lock_guard lock(mutex_);
    return std::exchange(jobs_, {});
  }

  const int wake_;
  std::mutex mutex_;
  std::vector<Job> jobs_;  // not more than the registry's actor lets be asked
  std::jthread thread_;
};

}  // namespace

std::shared_ptr<Wire> make_cares_wire(std::vector<std::string> servers) {
  return std::make_shared<CaresWire>(servers);
}

}  // namespace brontes::dns
