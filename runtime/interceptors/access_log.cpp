#include <brontes/actors/call/call.hpp>
#include <brontes/actors/log_every.hpp>
#include <brontes/runtime/interceptors/access_log.hpp>
#include <chrono>

namespace brontes {

void AccessLog::on_done(const Call& call, const Outcome& outcome) noexcept {
  if (!log_enabled(level_)) return;
  const Principal* who = call.principal().get();
  const auto latency = std::chrono::duration_cast<std::chrono::microseconds>(outcome.latency);
  try {
    log_every(level_, "call",
              "call ended method={} code={} latency_us={} peer={} request_id={}{}{}",
              call.method().path, to_string(outcome.status.code()), latency.count(), call.peer(),
              call.request_id(), who ? " principal=\"" + who->name + '"' : "",
              outcome.delivered ? "" : " delivered=false");
  } catch (...) {  // no memory for the line: the call has its answer all the same
  }
}

}  // namespace brontes
