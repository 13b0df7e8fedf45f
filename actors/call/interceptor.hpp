// Code around every call of a method table, whatever door the call came through.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <memory>
#include <utility>
#include <vector>

namespace google::protobuf {
class Message;
}

namespace brontes {

class Call;
struct Method;

/// How a call ended.
struct Outcome {
  const Status& status;
  /// gRPC: the status left before any cancel was seen. HTTP: the answer was written.
  bool delivered;
  Duration latency;
};

/// Thread-safe by contract: all of it runs on whatever thread brought or ended the call, and must
/// be short. A thrown exception is caught by the chain and answers INTERNAL with an incident id.
class Interceptor {
 public:
  virtual ~Interceptor() = default;

  /// For logs and --print-chain: "request_id".
  virtual const char* name() const = 0;

  /// Who is to run around the calls of this method: asked once, when the table learns of it. This
  /// one (`self`), one made for the method, which has looked up beforehand what it needs, or null:
  /// nobody.
  virtual std::shared_ptr<Interceptor> for_method(const Method&,
                                                  std::shared_ptr<Interceptor> self) {
    return self;
  }

  /// Before the request is parsed. Anything but OK refuses the call with that status.
  virtual Status on_headers(Call&) { return {}; }

  /// Unary and server stream calls only, after parsing and before the handler.
  virtual Status on_request(Call&, const google::protobuf::Message&) { return {}; }

  /// Exactly once for each on_headers that was entered, in reverse order, after the last byte.
  virtual void on_done(const Call&, const Outcome&) noexcept {}
};

/// One that looks at every message of every kind of method, streams too. A chain without any pays
/// nothing for it.
class MessageInterceptor : public Interceptor {
 public:
  /// Each request when it is parsed, before the handler sees it; one request at a time. Anything
  /// but OK ends the call with that status.
  virtual Status on_received(Call&, const google::protobuf::Message&) { return {}; }

  /// Each reply that has left: handed to the transport, of a call that was not refused.
  virtual void on_sent(const Call&, const google::protobuf::Message&) noexcept {}
};

/// What runs around the calls of one method, outermost first.
struct Chain {
  std::vector<std::shared_ptr<Interceptor>> all;
  std::vector<MessageInterceptor*> messages;  ///< those of `all` that look at messages

  void append(std::shared_ptr<Interceptor> interceptor) {
    if (auto* looks = dynamic_cast<MessageInterceptor*>(interceptor.get()))
      messages.push_back(looks);
    all.push_back(std::move(interceptor));
  }
};

}  // namespace brontes
