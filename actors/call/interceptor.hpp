// Code around every call of a method table, whatever door the call came through.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <memory>
#include <vector>

namespace google::protobuf {
class Message;
}

namespace brontes {

class Call;

/// How a call ended.
struct Outcome {
  const Status& status;
  /// gRPC: the status left before any cancel was seen. HTTP: the answer was written.
  bool delivered;
  Duration latency;
};

/// Thread-safe by contract: all three run on whatever thread brought or ended the call, and must
/// be short. A thrown exception is caught by the chain and answers INTERNAL with an incident id.
class Interceptor {
 public:
  virtual ~Interceptor() = default;

  /// For logs and --print-chain: "request_id".
  virtual const char* name() const = 0;

  /// Before the request is parsed. Anything but OK refuses the call with that status.
  virtual Status on_headers(Call&) { return {}; }

  /// Unary and server stream calls only, after parsing and before the handler.
  virtual Status on_request(Call&, const google::protobuf::Message&) { return {}; }

  /// Exactly once for each on_headers that was entered, in reverse order, after the last byte.
  virtual void on_done(const Call&, const Outcome&) noexcept {}
};

/// First is outermost.
using Chain = std::vector<std::shared_ptr<Interceptor>>;

}  // namespace brontes
