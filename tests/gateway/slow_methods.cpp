// The methods of the backend that wait: events on a timer's thread.
#include <brontes/actors/call/handlers.hpp>

#include "backend_state.hpp"

namespace brontes::conformance {
namespace {

using namespace gwtest::v1;

// One waiting call. Everything happens on the thread of the backend's io_context.
struct Waiting {
  Waiting(boost::asio::io_context& io, CallPtr running) : timer(io), call(std::move(running)) {}
  boost::asio::steady_timer timer;
  CallPtr call;
  int sent = 0;
  int credit = 0;
};

void slow(Backend::State& state, CallPtr call, const Event& event) {
  const auto request = call->request<SlowRequest>();
  if (event.type == Event::Type::kStarted) {
    call->claim();
    auto waiting = std::make_shared<Waiting>(state.io, call);
    call->state = waiting;
    boost::asio::post(state.io, [waiting, request] {
      waiting->timer.expires_after(std::chrono::milliseconds(request.delay_ms()));
      waiting->timer.async_wait([waiting, request](boost::system::error_code) {
        const CallPtr call = std::move(waiting->call);
        if (!call || call->finished()) return;
        call->reply<EchoReply>() = describe(*call, request);
        call->finish({});
      });
    });
  } else if (event.type == Event::Type::kCancelled) {
    state.count_cancelled(request.key());
    boost::asio::post(state.io, [waiting = std::static_pointer_cast<Waiting>(call->state)] {
      const CallPtr call = std::move(waiting->call);
      waiting->timer.cancel();
      if (call) call->finish(call->cancel_status());
    });
  }
}

void next_item(const std::shared_ptr<Waiting>& waiting, const StreamRequest& request);

void send_item(const std::shared_ptr<Waiting>& waiting, const StreamRequest& request) {
  if (!waiting->call || waiting->credit == 0) return;
  auto item = std::make_unique<Item>(item_after(waiting->sent++, request));
  --waiting->credit;
  waiting->call->write(std::move(item));
  next_item(waiting, request);
}

void next_item(const std::shared_ptr<Waiting>& waiting, const StreamRequest& request) {
  if (!waiting->call) return;
  if (auto end = end_after(waiting->sent, request)) {
    const CallPtr call = std::move(waiting->call);
    return call->finish(std::move(*end));
  }
  if (request.delay_ms() == 0) return send_item(waiting, request);
  waiting->timer.expires_after(std::chrono::milliseconds(request.delay_ms()));
  waiting->timer.async_wait([waiting, request](boost::system::error_code error) {
    if (!error) send_item(waiting, request);
  });
}

void stream(Backend::State& state, CallPtr call, const Event& event) {
  const auto request = call->request<StreamRequest>();
  if (event.type == Event::Type::kStarted) {
    call->claim();
    call->send_headers();
    auto waiting = std::make_shared<Waiting>(state.io, call);
    call->state = waiting;
    boost::asio::post(state.io, [waiting, request, credit = event.credit] {
      waiting->credit += credit;
      next_item(waiting, request);
    });
    return;
  }
  boost::asio::post(
      state.io, [&state, request, event, waiting = std::static_pointer_cast<Waiting>(call->state)] {
        if (event.type == Event::Type::kDemand) {
          const bool stalled = waiting->credit == 0;
          waiting->credit += event.credit;
          if (stalled) send_item(waiting, request);
        } else if (const CallPtr call = std::move(waiting->call)) {
          state.count_cancelled(request.key());
          waiting->timer.cancel();
          call->finish(call->cancel_status());
        }
      });
}

}  // namespace

void add_slow(MethodTable& table, Backend::State& state) {
  const auto with_state = [&state](auto f) {
    return [&state, f](CallPtr call, Event event) { f(state, std::move(call), event); };
  };
  if (!table.add(row<Echo::Slow>(with_state(slow))).ok()) std::abort();
  if (!table.add(row<Streams::ServerStream>(with_state(stream))).ok()) std::abort();
}

}  // namespace brontes::conformance
