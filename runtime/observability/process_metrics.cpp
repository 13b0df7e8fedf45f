#include <sys/resource.h>
#include <unistd.h>

#include <brontes/runtime/observability/process_metrics.hpp>
#include <brontes/runtime/version.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>

namespace brontes {
namespace {

void add(std::vector<MetricFamily>& all, std::string name, std::string help, MetricType type,
         double value, MetricLabels labels = {}) {
  all.push_back({std::move(name), std::move(help), type, {{std::move(labels), value, {}, {}, 0}}});
}

/// The fields of /proc/self/stat from the third on: the second, the program's name, may have
/// blanks.
std::vector<std::string> process_fields() {
  std::ifstream file("/proc/self/stat");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const auto end = text.rfind(')');
  if (end == std::string::npos) return {};
  std::istringstream rest(text.substr(end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

double boot_time() {
  std::ifstream file("/proc/stat");
  for (std::string word; file >> word;)
    if (double at = 0; word == "btime" && file >> at) return at;
  return 0;
}

void add_stat(std::vector<MetricFamily>& all) {
  constexpr std::size_t kUser = 11, kKernel = 12, kThreads = 17, kStart = 19, kVirtual = 20,
                        kResident = 21;
  const auto fields = process_fields();
  if (fields.size() <= kResident) return;
  const auto number = [&](std::size_t at) { return std::stod(fields[at]); };
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  add(all, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.",
      MetricType::kCounter, (number(kUser) + number(kKernel)) / ticks);
  add(all, "process_virtual_memory_bytes", "Virtual memory size in bytes.", MetricType::kGauge,
      number(kVirtual));
  add(all, "process_resident_memory_bytes", "Resident memory size in bytes.", MetricType::kGauge,
      number(kResident) * static_cast<double>(sysconf(_SC_PAGESIZE)));
  add(all, "process_threads", "Number of OS threads of the process.", MetricType::kGauge,
      number(kThreads));
  if (const double booted = boot_time(); booted > 0)
    add(all, "process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
        MetricType::kGauge, booted + number(kStart) / ticks);
}

void add_files(std::vector<MetricFamily>& all) {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (!error)  // one of them is the iterator's own
    add(all, "process_open_fds", "Number of open file descriptors.", MetricType::kGauge,
        static_cast<double>(std::distance(begin(files), end(files)) - 1));
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
    add(all, "process_max_fds", "Maximum number of open file descriptors.", MetricType::kGauge,
        static_cast<double>(limit.rlim_cur));
}

}  // namespace

std::vector<MetricFamily> process_metrics() {
  std::vector<MetricFamily> all;
  add_stat(all);
  add_files(all);
  add(all, "brontes_build_info", "Always 1; the label tells the version of brontes.",
      MetricType::kGauge, 1, {{"version", version()}});
  return all;
}

}  // namespace brontes
