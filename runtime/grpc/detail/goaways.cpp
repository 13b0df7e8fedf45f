#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/alarm.h>
#include <grpcpp/server.h>
#include <grpcpp/version_info.h>
#include <brontes/runtime/grpc/detail/goaways.hpp>

#include <mutex>

// grpc::Server::Shutdown sends GOAWAY and stops serving in one step: a call that was on its way
// before its caller saw the GOAWAY is reset with CANCELLED, which nobody may repeat. gRPC's core
// can send the GOAWAY alone (its xDS code does), but the C API does not offer it; the C++ symbol is
// exported by libgrpc.so. grpc_server* is the address of the grpc_core::Server (CppImplOf), and a
// member function without arguments is called like a function of its object. It wants to run in
// gRPC's execution context: the callback of an alarm does.
//
// The symbol is weak: where it is missing, a stop loses what Shutdown loses, and nothing else
// changes. SigtermUnderLoadLosesNoCall fails without it.
#if GRPC_CPP_VERSION_MAJOR == 1 && GRPC_CPP_VERSION_MINOR == 51
extern "C" __attribute__((weak)) void brontes_core_send_goaways(void* server) __asm__(
    "_ZN9grpc_core6Server11SendGoawaysEv");
#else
constexpr void (*brontes_core_send_goaways)(void*) = nullptr;
#endif

namespace brontes::detail {

/// What an alarm finds when it fires, which may be after the server has gone.
struct Goaways::Target {
  std::mutex mutex;
  grpc::Server* server;
};

Goaways::Goaways(grpc::Server& server) : target_(std::make_shared<Target>()) {
  target_->server = &server;
}

Goaways::~Goaways() {
  const std::lock_guard lock(target_->mutex);
  target_->server = nullptr;
}

void Goaways::send() {
  if (brontes_core_send_goaways == nullptr) return;
  alarms_.push_back(std::make_unique<grpc::Alarm>());
  alarms_.back()->Set(gpr_inf_past(GPR_CLOCK_REALTIME), [target = target_](bool) {
    const std::lock_guard lock(target->mutex);
    if (target->server != nullptr) brontes_core_send_goaways(target->server->c_server());
  });
}

void Goaways::close_idle(Duration grace, std::function<bool()> is_idle) {
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(grace);
  alarms_.push_back(std::make_unique<grpc::Alarm>());
  alarms_.back()->Set(gpr_time_from_millis(wait.count(), GPR_TIMESPAN),
                      [target = target_, is_idle = std::move(is_idle)](bool) {
                        const std::lock_guard lock(target->mutex);
                        if (target->server != nullptr && is_idle())
                          grpc_server_cancel_all_calls(target->server->c_server());
                      });
}

}  // namespace brontes::detail
