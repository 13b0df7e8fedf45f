// The wire over Beast: connections that are kept and used again, on one thread of this process.
#include <openssl/ssl.h>
#include <utility>  // asio 1.18 forgets it

#include <boost/asio/post.hpp>
#include <brontes/discovery/registries/consul/detail/http_connection.hpp>
#include <brontes/discovery/registries/consul/detail/wire.hpp>
#include <map>
#include <thread>
#include <vector>

namespace brontes::consul {
namespace {

constexpr std::size_t kIdleLimit = 16;  // connections kept to one agent

/// One thread for all of them. It lives as long as the process: an actor that ends waits for no
/// thread, which may be in the midst of looking up a name.
class Loop {
 public:
  static Loop& process() {
    static Loop loop;
    return loop;
  }
  asio::io_context& io() { return io_; }

 private:
  Loop() : work_(io_.get_executor()) {
    // So that OpenSSL, which cleans up when the process ends, does so after this thread has ended.
    OPENSSL_init_ssl(0, nullptr);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Loop() {
    io_.stop();
    thread_.join();
  }
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::thread thread_;
};

/// Everything but the constructor happens on the loop's thread.
class Exchanges : public std::enable_shared_from_this<Exchanges> {
 public:
  explicit Exchanges(const ConsulOptions& options)
      : options_(options), idle_(options.agents.size()) {
    if (options.tls) tls_ = make_tls(options);
  }

  void start(Request request, Ear ear) {
    auto& idle = idle_[request.agent];
    Entry entry{std::move(request), std::move(ear), nullptr, !idle.empty()};
    if (entry.reused) {
      entry.connection = std::move(idle.back());
      idle.pop_back();
    }
    run(std::move(entry));
  }

  void give_up(std::uint64_t exchange) {
    const auto node = busy_.extract(exchange);
    if (node) node.mapped().connection->close();
  }

  void end() {
    for (auto& [exchange, entry] : std::exchange(busy_, {})) entry.connection->close();
    for (auto& idle : idle_)
      for (auto& connection : std::exchange(idle, {})) connection->close();
  }

 private:
  struct Entry {
    Request request;
    Ear ear;
    std::shared_ptr<HttpConnection> connection;
    bool reused = false;
  };

  void run(Entry entry) {
    const std::uint64_t exchange = entry.request.exchange;
    if (!entry.connection)
      entry.connection = std::make_shared<HttpConnection>(
          Loop::process().io(), options_.agents[entry.request.agent], tls_, options_.token);
    Entry& kept = busy_[exchange] = std::move(entry);
    kept.connection->run(kept.request,
                         [self = weak_from_this(), exchange](Answer answer, bool keep) {
                           if (const auto all = self.lock()) all->done(exchange, answer, keep);
                         });
  }

  void done(std::uint64_t exchange, Answer& answer, bool keep) {
    auto node = busy_.extract(exchange);
    if (!node) return;
    Entry& entry = node.mapped();
    if (!answer.status.ok() && entry.reused && !entry.request.once) {
      // The agent closed it while it was idle. Whatever is asked may be asked twice.
      entry.connection->close();
      entry.connection = nullptr;
      entry.reused = false;
      return run(std::move(entry));
    }
    auto& idle = idle_[entry.request.agent];
    if (keep && idle.size() < kIdleLimit)
      idle.push_back(std::move(entry.connection));
    else
      entry.connection->close();
    answer.exchange = exchange;
    entry.ear(answer);
  }

  const ConsulOptions options_;
  std::shared_ptr<asio::ssl::context> tls_;
  std::map<std::uint64_t, Entry> busy_;                             // by exchange
  std::vector<std::vector<std::shared_ptr<HttpConnection>>> idle_;  // by agent
};

class BeastWire final : public Wire {
 public:
  explicit BeastWire(const ConsulOptions& options)
      : exchanges_(std::make_shared<Exchanges>(options)) {}
  ~BeastWire() override {
    asio::post(Loop::process().io(), [exchanges = exchanges_] { exchanges->end(); });
  }
  void send(Request request, Ear ear) override {
    asio::post(Loop::process().io(), [exchanges = exchanges_, request = std::move(request),
                                      ear = std::move(ear)] { exchanges->start(request, ear); });
  }
  void give_up(std::uint64_t exchange) override {
    asio::post(Loop::process().io(),
               [exchanges = exchanges_, exchange] { exchanges->give_up(exchange); });
  }

 private:
  std::shared_ptr<Exchanges> exchanges_;
};

}  // namespace

std::shared_ptr<Wire> make_beast_wire(const ConsulOptions& options) {
  return std::make_shared<BeastWire>(options);
}

}  // namespace brontes::consul
