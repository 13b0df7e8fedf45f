// What a server says of how busy it is, with its answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace brontes {

/// Of ORCA's OrcaLoadReport (xds.data.orca.v3) the part that is used here.
struct LoadReport {
  /// Used share of the CPU that the process may use, 0 to 1.
  double cpu = 0;
};

/// The trailer that carries it, in binary. Not ORCA's own, endpoint-load-metrics-bin: gRPC's core
/// keeps that one to itself, and no application in C++ gets to see it.
inline constexpr const char* kLoadReportTrailer = "brontes-load-bin";

/// The serialised OrcaLoadReport.
std::string to_bytes(const LoadReport& report);
/// Nothing: it is no OrcaLoadReport, or says nothing of the CPU. application_utilization, if given,
/// counts instead of cpu_utilization.
std::optional<LoadReport> read_load_report(std::string_view bytes);

}  // namespace brontes
