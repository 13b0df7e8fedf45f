#include <brontes/actors/call/call.hpp>
#include <brontes/discovery/balancing/load_report.hpp>
#include <brontes/runtime/interceptors/load_reporter.hpp>

namespace brontes {

Status LoadReporter::on_headers(Call& call) {
  call.add_trailer(kLoadReportTrailer, to_bytes(LoadReport{cpu_()}));
  return {};
}

}  // namespace brontes
