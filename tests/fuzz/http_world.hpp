// What the sessions under fuzz serve: methods that answer at once, in streams, or when told to.
#pragma once

#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/call/interceptor.hpp>
#include <brontes/gateway/http_door.hpp>
#include <brontes/gateway/route_table.hpp>
#include <deque>
#include <functional>
#include <memory>

namespace brontes::fuzz {

/// Calls that came and calls that ended.
class CallCounter final : public Interceptor {
 public:
  const char* name() const override { return "counter"; }
  Status on_headers(Call&) override {
    ++begun;
    return {};
  }
  void on_done(const Call&, const Outcome&) noexcept override { ++ended; }

  std::size_t begun = 0, ended = 0;
};

/// Made once; start_over() before each input.
struct HttpWorld {
  HttpWorld();

  void start_over();
  /// Answers one of the calls of Slow that wait; false when none does.
  bool answer(std::size_t which);

  MethodTable table;
  std::shared_ptr<CallCounter> counter = std::make_shared<CallCounter>();
  std::shared_ptr<const Published<RouteTable>> routes;
  HttpDoorOptions options;
  std::deque<std::function<void()>> waiting;
};

}  // namespace brontes::fuzz
