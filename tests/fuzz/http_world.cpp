#include "http_world.hpp"

#include "fuzz_target.hpp"
#include "testsvc.brontes.hpp"

namespace brontes::fuzz {
namespace {

using namespace gwtest::v1;
using Echo = EchoServiceMethods;
using Streams = StreamServiceMethods;

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
  echo.on<Echo::Big>([](const BigRequest& request, Item& reply) {
    reply.set_text(std::string(static_cast<unsigned>(request.size()) % 20'000, 'x'));
    return Status();
  });
}

void add_slow(Functions<Echo>& echo, std::deque<std::function<void()>>& waiting) {
  echo.on<Echo::Slow>([&waiting](const SlowRequest&, Reply<Echo::Slow> reply) {
    const auto shared = std::make_shared<Reply<Echo::Slow>>(std::move(reply));
    waiting.push_back([shared] { shared->finish(); });
  });
}

void add_streams(Functions<Streams>& streams) {
  streams.on<Streams::ServerStream>([](const StreamRequest& request, Call&) {
    return [left = request.count() % 64, text = request.text(),
            fails = request.fail_code() != 0](Item& item) mutable -> Expected<bool> {
      item.set_text(text);
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

}  // namespace

HttpWorld::HttpWorld() {
  Functions<Echo> echo;
  Functions<Streams> streams;
  add_unary(echo);
  add_slow(echo, waiting);
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
  // What happens is to follow from the input alone.
  options.header_timeout = options.body_timeout = options.write_timeout = options.idle_timeout =
      std::chrono::hours(1);
}

void HttpWorld::start_over() {
  counter->begun = counter->ended = 0;
  waiting.clear();
}

bool HttpWorld::answer(std::size_t which) {
  if (waiting.empty()) return false;
  const auto at = waiting.begin() + static_cast<std::ptrdiff_t>(which % waiting.size());
  const auto finish = std::move(*at);
  waiting.erase(at);
  finish();
  return true;
}

}  // namespace brontes::fuzz
