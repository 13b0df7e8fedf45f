// A server as a process of its own, and the memory it takes.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "child_process.hpp"

namespace brontes::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryTells = false;  // sanitizers keep what was freed
#else
constexpr bool kMemoryTells = true;
#endif

/// Bytes that the process has in memory.
inline std::size_t resident(const ChildProcess& process) {
  std::ifstream statm("/proc/" + std::to_string(process.pid()) + "/statm");
  std::size_t size = 0, pages = 0;
  statm >> size >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// For this process and its children; false when the system does not allow so many.
inline bool allow_descriptors(rlim_t count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < count) return false;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace brontes::testing
