#include <brontes/actors/testkit/reporter.hpp>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace brontes {
namespace {

Reporter& reporter() {
  static Reporter instance = [](const std::source_location& where, const std::string& text) {
    std::fprintf(stderr, "%s:%u: %s\n", where.file_name(), static_cast<unsigned>(where.line()),
                 text.c_str());
    std::abort();
  };
  return instance;
}

}  // namespace

Reporter set_reporter(Reporter wanted) { return std::exchange(reporter(), std::move(wanted)); }

void report_failure(const std::source_location& where, const std::string& text) {
  reporter()(where, text);
}

}  // namespace brontes
