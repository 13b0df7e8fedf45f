#include <grpc/support/log.h>

#include <brontes/actors/log.hpp>
#include <brontes/discovery/channel/grpc_log.hpp>
#include <mutex>
#include <string_view>

namespace brontes {
namespace {

void write(gpr_log_func_args* said) {
  const std::string_view file(said->file);
  const auto level = said->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarn : LogLevel::kDebug;
  log(level, "grpc", "said text=\"{}\" source={}:{}", said->message,
      file.substr(file.rfind('/') + 1), said->line);
}

}  // namespace

void route_grpc_log() {
  static std::once_flag once;
  std::call_once(once, [] { gpr_set_log_function(write); });
}

}  // namespace brontes
