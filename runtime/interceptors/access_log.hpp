// One line for each call that has ended.
#pragma once

#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/log.hpp>

namespace brontes {

/// `call ended method=/hello.Greeter/SayHello code=OK latency_us=35 peer=ipv4:10.0.0.7:51234
/// request_id=abc-1`, and `principal="ada"` of an authenticated one. Never metadata, payloads or
/// status texts. At kDebug (default) it costs nothing while debug lines are off, and shows every
/// call when they are on. At any level it is one line per call, which nothing cuts.
class AccessLog final : public Interceptor {
 public:
  explicit AccessLog(LogLevel level = LogLevel::kDebug) : level_(level) {}
  const char* name() const override { return "access_log"; }
  void on_done(const Call& call, const Outcome& outcome) noexcept override;

 private:
  const LogLevel level_;
};

}  // namespace brontes
