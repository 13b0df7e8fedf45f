#include <fcntl.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/runtime/detail/accept_pump.hpp>
#include <brontes/runtime/detail/last_handshakes.hpp>
#include <brontes/runtime/detail/new_connection.hpp>

#include <cerrno>
#include <system_error>
#include <utility>

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace brontes::detail {
namespace {

constexpr std::string_view kListenerLogger = "runtime.listener";
// Out of descriptors: the connection stays in the kernel's queue, and asking again at once would
// only burn the core.
constexpr auto kPauseAfterError = std::chrono::milliseconds(50);
// The kernel's queue takes one more than it was asked for.
constexpr int kMostWaiting = kBacklog + 1;

// kNobody for a peer that has left already.
ConnectionLedger::Address address_of(const tcp::socket& socket) {
  error_code error;
  const asio::ip::address address = socket.remote_endpoint(error).address();
  if (error) return ConnectionLedger::kNobody;
  return address.is_v6()
             ? address.to_v6().to_bytes()
             : asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
}

}  // namespace

struct AcceptPump::Loop {
  explicit Loop(Start& start)
      : reception{std::move(start.options), std::move(start.ledger)},
        acceptor(io, tcp::v6(), start.socket.release()),  // the protocol only names new sockets
        pause(io),
        end(io) {}

  void accept() {
    acceptor.async_accept([this](error_code error, tcp::socket socket) {
      // The second one: shut down from outside, it listens no more.
      if (error == asio::error::operation_aborted || error == asio::error::invalid_argument) return;
      if (error) return wait_after(error);
      failing = false;
      welcome(std::move(socket));
      accept();
    });
  }

  void welcome(tcp::socket socket) {
    const auto& spare = reception.options.spare_addresses;
    const auto peer = spare && spare() ? ConnectionLedger::kNobody : address_of(socket);
    if (!reception.ledger->admit(peer)) return;  // closes it
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    std::make_shared<NewConnection>(std::move(socket), peer, reception)->start();
  }

  void wait_after(error_code error) {
    if (!std::exchange(failing, true))
      log_warn(kListenerLogger, "accept failed cause=\"{}\" retry_ms={}", error.message(),
               kPauseAfterError.count());
    pause.expires_after(kPauseAfterError);
    pause.async_wait([this](error_code aborted) {
      if (!aborted) accept();
    });
  }

  void finish(Duration grace) {
    if (!begin_no_handshake(acceptor.native_handle()))
      log_warn(kListenerLogger,
               "handshakes go on while the listener closes cause=\"{}\" "
               "effect=\"a connection set up at the last moment may be reset\"",
               std::generic_category().message(errno));
    end.expires_after(grace / 2);
    end.async_wait([this, grace](error_code) {
      accept_what_waits();
      error_code ignored;
      acceptor.close(ignored);
      pause.cancel();
      end.expires_after(grace / 2);
      end.async_wait([this](error_code) { io.stop(); });
    });
  }

  // No more than can have waited: where handshakes go on, clients could keep us here for ever.
  void accept_what_waits() {
    error_code error;
    acceptor.non_blocking(true, error);
    for (int left = kMostWaiting; !error && left > 0; --left) {
      tcp::socket socket(io);
      acceptor.accept(socket, error);
      if (!error) welcome(std::move(socket));
    }
  }

  Reception reception;  // outlives the connections, which live in the loop's handlers
  asio::io_context io{1};
  tcp::acceptor acceptor;
  asio::steady_timer pause, end;
  bool failing = false;
};

AcceptPump::AcceptPump(Start start)
    : thread_([this, start = std::make_shared<Start>(std::move(start))]() mutable {
        run(std::move(*start));
      }) {}

AcceptPump::~AcceptPump() {
  stop();
  join();
}

void AcceptPump::run(Start start) {
  const auto ended = std::move(start.ended);
  {
    Loop loop(start);
    loop.accept();
    {
      const std::lock_guard lock(mutex_);
      loop_ = &loop;
      if (stopped_) loop.io.stop();
      if (grace_) loop.finish(*grace_);
    }
    loop.io.run();
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }
  ended();
}

void AcceptPump::finish(Duration grace) {
  const std::lock_guard lock(mutex_);
  if (grace_) return;
  grace_ = grace;
  if (!loop_) return;  // run() looks
  asio::post(loop_->io, [loop = loop_, grace] { loop->finish(grace); });
}

void AcceptPump::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  if (loop_) loop_->io.stop();
}

void AcceptPump::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace brontes::detail
