// A connection of HTTP/1.1, its bytes cut where the input says, and things that happen between the
// pieces: slow calls are answered, the peer stops reading or leaves, the door drains or stops.
// Whatever comes, the session ends, no call is forgotten, each reply is whole and belongs to one
// request, every whole request has its reply, and none runs that a strict reader does not see
// (nothing is smuggled).
//
// Input: how many steps there are, the steps, the bytes of the connection. The steps are taken
// again and again until all bytes are sent.
#include <sys/socket.h>
#include <unistd.h>

#include <brontes/gateway/detail/http_session.hpp>
#include <vector>

#include "fuzz_target.hpp"
#include "http_world.hpp"
#include "request_count.hpp"

namespace brontes::fuzz {
namespace {

constexpr std::size_t kMostSteps = 32;
constexpr std::size_t kMostTaken = 256;  // a large input byte by byte tells nothing new

enum Step : std::uint8_t {
  // 0 to 127: as many bytes and one more; 128 to 191: 64 bytes for each from 128 on
  kAnswerCall = 192,  // to 223: one of those that wait
  kStopReading = 224,
  kReadOn,
  kWindDown,  // as the door does: each connection closes after its next reply
  kDrain,     // and those that idle, too
  kAbort,
  kLeave,  // nothing more comes from the peer
};

std::size_t bytes_of(std::uint8_t step) {
  if (step < 128) return step + std::size_t{1};
  return step < kAnswerCall ? (step - std::size_t{127}) * 64 : 0;
}

// The session and its peer, on one thread: every step is taken to its end before the next one.
class Connection {
 public:
  Connection(HttpWorld& world, std::string_view bytes)
      : world_(world), left_(bytes), service_{world.table, world.routes, world.options} {
    int ends[2];
    require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
    const int little = 1;  // the kernel's minimum, so that replies wait for a peer that reads
    ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    fd_ = ends[0];
    const auto session = std::make_shared<detail::HttpSession>(
        detail::asio::ip::tcp::socket(io_, detail::asio::ip::tcp::v4(), ends[1]), io_, service_,
        "");
    session_ = session;
    require(session->start(), "a session could not start");
    settle();
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;

  void take(std::uint8_t step) {
    if (const std::size_t bytes = bytes_of(step); bytes > 0) send(bytes);
    if (step >= kAnswerCall && step < kStopReading) world_.answer(step - kAnswerCall);
    if (step == kStopReading) reading_ = false;
    if (step == kReadOn) reading_ = true;
    if (step == kLeave) leave();
    if (step == kWindDown) service_.winding_down = true;
    if (step == kDrain) drain();
    if (step == kAbort) abort();
    settle();
  }

  /// Sends what is left, answers every call, then says that nothing more comes.
  void run_to_the_end() {
    reading_ = true;
    for (int idle = 0; !io_.stopped(); ++idle) {
      require(idle < 100, "the session waits for nothing", received_);
      const bool sent = send(left_.size()), moved = settle();
      if (sent || moved || world_.answer(0))
        idle = 0;
      else if (!has_left_)
        leave();
    }
    settle();
  }

  bool sends() const { return !left_.empty() && !has_left_; }
  /// A request may be left without a reply.
  bool is_disturbed() const { return is_disturbed_; }
  /// A reply may be cut off.
  bool is_cut() const { return is_cut_; }
  const std::string& received() const { return received_; }

 private:
  bool send(std::size_t most) {
    if (!sends()) return false;
    const auto sent =
        ::send(fd_, left_.data(), std::min(most, left_.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) left_.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN) left_ = {};  // the session has closed
    return sent > 0;
  }
  void leave() {
    if (!world_.waiting.empty() || !reading_) is_cut_ = true;  // whoever leaves gets no answer
    if (sends() || is_cut_) is_disturbed_ = true;
    has_left_ = true;
    ::shutdown(fd_, SHUT_WR);
  }
  void drain() {
    is_disturbed_ = true;
    service_.winding_down = service_.draining = true;
    if (const auto session = session_.lock()) session->drain();
  }
  void abort() {
    is_disturbed_ = is_cut_ = true;
    if (const auto session = session_.lock()) session->abort();
  }
  bool receive() {
    char part[4096];
    const auto got = reading_ ? ::recv(fd_, part, sizeof part, MSG_DONTWAIT) : 0;
    if (got > 0) received_.append(part, static_cast<std::size_t>(got));
    return got > 0;
  }
  bool settle() {
    bool moved = false;
    // A turn may only find out what the next one does.
    for (int quiet = 0; quiet < 2; ++quiet) {
      const bool received = receive(), ran = io_.poll() > 0;
      if (received || ran) moved = true, quiet = -1;
    }
    return moved;
  }

  HttpWorld& world_;
  std::string_view left_;
  detail::HttpService service_;
  detail::asio::io_context io_{1};
  std::weak_ptr<detail::HttpSession> session_;
  int fd_;
  bool reading_ = true, has_left_ = false, is_disturbed_ = false, is_cut_ = false;
  std::string received_;
};

void check(const HttpWorld& world, const Connection& connection, std::string_view bytes) {
  const std::string& output = connection.received();
  const auto methods = whole_requests(bytes);
  require(world.counter->begun <= methods.size(), "a request was smuggled in", bytes);
  require(world.counter->begun == world.counter->ended, "a call never ended", bytes);
  const auto replies = read_replies(output, methods);
  require(replies.mistake.empty() || connection.is_cut(), replies.mistake, output);
  // One more, if what follows the whole ones is refused: then the connection closes.
  require(replies.count <= methods.size() + 1, "more replies than requests", output);
  require(replies.count <= methods.size() || replies.closes, "half a request was answered", output);
  require(replies.count >= methods.size() || replies.closes || connection.is_disturbed(),
          "a request has no reply", output);
}

}  // namespace
}  // namespace brontes::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brontes::fuzz;
  static HttpWorld world;
  Input input(data, size);
  std::vector<std::uint8_t> steps(input.byte() % (kMostSteps + 1));
  for (std::uint8_t& step : steps) step = input.byte();
  world.start_over();
  Connection connection(world, input.rest());
  std::size_t taken = 0;
  do {
    for (const std::uint8_t step : steps) connection.take(step);
    taken += steps.size();
  } while (!steps.empty() && taken < kMostTaken && connection.sends());
  connection.run_to_the_end();
  check(world, connection, input.rest());
  return 0;
}
