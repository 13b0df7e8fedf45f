// A connection of HTTP/1.1: whatever comes in, the session ends, each reply is whole and belongs to
// one request, and no request runs that a strict reader does not see (nothing is smuggled).
// Input: how the bytes are cut into pieces, then the bytes.
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/interceptor.hpp>
#include <brontes/gateway/detail/http_session.hpp>

#include "fuzz_target.hpp"
#include "request_count.hpp"
#include "testsvc.brontes.hpp"

namespace brontes {
namespace {

using fuzz::require;
using namespace gwtest::v1;
using Echo = EchoServiceMethods;
using Streams = StreamServiceMethods;

class CallCounter final : public Interceptor {
 public:
  const char* name() const override { return "counter"; }
  Status on_headers(Call&) override {
    ++calls;
    return {};
  }
  std::size_t calls = 0;
};

void add_unary(Functions<Echo>& echo) {
  echo.on<Echo::Mirror>([](const Everything& request, Everything& reply) {
    reply = request;
    return Status();
  });
  echo.on<Echo::MirrorSmall>([](const Small& request, Small& reply) {
    reply = request;
    return Status();
  });
  echo.on<Echo::Nothing>(
      [](const google::protobuf::Empty&, google::protobuf::Empty&) { return Status(); });
  echo.on<Echo::Fail>([](const FailRequest& request, EchoReply&) {
    return Status(static_cast<Errc>(request.code() % 17), request.message());
  });
  echo.on<Echo::SetMeta>([](const SetMetaRequest& request, EchoReply&, Call& call) {
    for (const auto& [key, value] : request.headers()) call.add_header(key, value);
    for (const auto& [key, value] : request.trailers()) call.add_trailer(key, value);
    return Status();
  });
  echo.on<Echo::Download>([](const DownloadRequest& request, google::api::HttpBody& reply) {
    reply.set_content_type(request.content_type());
    reply.set_data(request.text());
    return Status();
  });
}

void add_streams(Functions<Streams>& streams) {
  streams.on<Streams::ServerStream>([](const StreamRequest& request, Call&) {
    return [left = request.count() % 8,
            fails = request.fail_code() != 0](Item& item) mutable -> Expected<bool> {
      if (left-- > 0) return item.set_seq(left), true;
      if (fails) return fail(Errc::kAborted, "asked to fail");
      return false;
    };
  });
  streams.on<Streams::ClientStream>([](Call&) {
    return [](const Item* item, Summary& summary) {
      if (item) summary.set_count(summary.count() + 1);
      return Status();
    };
  });
  streams.on<Streams::Bidi>([](Call&) {
    return [](const Item* item, Writer<Item>& out) {
      if (item) out.write(*item);
      return Status();
    };
  });
}

// Made once.
struct World {
  World() {
    Functions<Echo> echo;
    Functions<Streams> streams;
    add_unary(echo);
    add_streams(streams);
    for (const auto& rows :
         {echo.rows(), streams.rows(), unimplemented_rows(RouteServiceMethods::All())})
      for (const Method& row : rows) require(table.add(row).ok(), "add", row.path);
    table.intercept(counter);
    auto made = std::make_shared<RouteTable>();
    require(made->add_all(table).empty(), "routes");
    routes = std::make_shared<Published<RouteTable>>(std::move(made));
    options.max_header_bytes = 2048;
    options.max_body_bytes = 4096;
  }

  MethodTable table;
  std::shared_ptr<CallCounter> counter = std::make_shared<CallCounter>();
  std::shared_ptr<const Published<RouteTable>> routes;
  HttpDoorOptions options;
};

// The other end. Sends a piece at a time, then says that nothing more comes; takes all answers.
class Peer {
 public:
  Peer(int fd, std::string_view bytes, std::size_t piece) : fd_(fd), left_(bytes), piece_(piece) {}
  ~Peer() { ::close(fd_); }
  Peer(const Peer&) = delete;

  /// True when anything moved.
  bool step() { return send() | receive(); }
  const std::string& received() const { return received_; }

 private:
  bool send() {
    if (done_) return false;
    const auto sent =
        ::send(fd_, left_.data(), std::min(piece_, left_.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) left_.remove_prefix(static_cast<std::size_t>(sent));
    if (left_.empty() || (sent < 0 && errno != EAGAIN)) {
      done_ = true;
      ::shutdown(fd_, SHUT_WR);
      return true;
    }
    return sent > 0;
  }
  bool receive() {
    char part[4096];
    const auto got = ::recv(fd_, part, sizeof part, MSG_DONTWAIT);
    if (got > 0) received_.append(part, static_cast<std::size_t>(got));
    return got > 0;
  }

  const int fd_;
  std::string_view left_;
  const std::size_t piece_;
  bool done_ = false;
  std::string received_;
};

std::string talk(World& world, std::string_view bytes, std::size_t piece) {
  int ends[2];
  require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
  Peer peer(ends[0], bytes, piece);
  detail::HttpService service{world.table, world.routes, world.options};
  detail::asio::io_context io{1};
  const bool joined =
      std::make_shared<detail::HttpSession>(
          detail::asio::ip::tcp::socket(io, detail::asio::ip::tcp::v4(), ends[1]), io, service, "")
          ->start();
  require(joined, "a session could not start");
  for (int idle = 0; !io.stopped(); ++idle) {
    require(idle < 100, "the session waits for nothing", bytes);
    if (peer.step() | (io.poll() > 0)) idle = 0;
  }
  while (peer.step()) {
  }
  return peer.received();
}

}  // namespace
}  // namespace brontes

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brontes;
  static World world;
  fuzz::Input input(data, size);
  const std::size_t piece = 1 + input.byte() * std::size_t{16};
  const std::string_view bytes = input.rest();
  world.counter->calls = 0;
  const std::string output = talk(world, bytes, piece);
  const auto methods = fuzz::whole_requests(bytes);
  const auto replies = fuzz::read_replies(output, methods);
  require(replies.mistake.empty(), replies.mistake, output);
  // One more, if what follows the whole ones is refused: then the connection closes.
  require(replies.count <= methods.size() + 1, "more replies than requests", output);
  require(replies.count <= methods.size() || replies.closes, "half a request was answered", output);
  require(world.counter->calls <= methods.size(), "a request was smuggled in", bytes);
  return 0;
}
