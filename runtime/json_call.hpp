// Unary calls by the name of their method, JSON in and JSON out: for what is known from settings.
//
//   Expected<std::string> order = call_json(*node.channel("orders"), "Get", R"({"id": 7})").wait();
//
// The types must be linked into the program. Without them: call_bytes (client_call.hpp).
#pragma once

#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/gateway/json_options.hpp>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace brontes {

/// A started call, as ClientCall; its answer is the reply as one line of JSON.
class JsonCall {
 public:
  struct State;
  explicit JsonCall(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  /// `f(Expected<std::string>)`, run by the executor; it may be move-only.
  template <class F>
  void then(Executor executor, F f) const {
    auto shared = std::make_shared<F>(std::move(f));
    on_answer([executor = std::move(executor), f = std::move(shared)](Expected<std::string> json) {
      executor([f, json = std::move(json)] { (*f)(json); });
    });
  }
  std::future<Expected<std::string>> future() const;
  /// Blocks: never in an actor.
  Expected<std::string> wait() const { return future().get(); }
  /// Ends the call with CANCELLED, unless it has ended. Thread-safe.
  void cancel() const;

 private:
  void on_answer(std::function<void(Expected<std::string>)> done) const;
  std::shared_ptr<const State> state_;
};

/// Starts it. Thread-safe, never blocks. `method` is "pkg.Service/Method", with or without a slash
/// in front, or "Method" of ChannelOptions::service. The call ends at once with kNotFound, if no
/// such method is linked, kUnimplemented, if it is a stream, and kInvalidArgument, if the JSON does
/// not fit its request; the text says why.
JsonCall call_json(const Channel& channel, const std::string& method, std::string_view json,
                   CallOptions options = {}, JsonOptions how = {});

}  // namespace brontes
