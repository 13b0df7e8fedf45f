#include <sys/stat.h>
#include <brontes/runtime/detail/connection_ledger.hpp>

#include <algorithm>

namespace brontes::detail {
namespace {

// Bounds what a connection beyond the limit costs: about 0.1 ms.
constexpr std::size_t kLooksPerRefusal = 256;

// 0: not open.
std::uint64_t inode_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) ? status.st_ino : 0;
}

}  // namespace

bool ConnectionLedger::admit() {
  const std::lock_guard lock(mutex_);
  ++counts_.accepted;
  if (undecided_ + handed_.size() >= limit_) look_at(kLooksPerRefusal);
  if (undecided_ + handed_.size() >= limit_) {
    ++counts_.refused;
    return false;
  }
  ++undecided_;
  return true;
}

ConnectionLedger::Identity ConnectionLedger::identify(int fd) { return {fd, inode_of(fd)}; }

void ConnectionLedger::handed(Identity identity, std::uint64_t ConnectionCounts::*counter) {
  const std::lock_guard lock(mutex_);
  --undecided_;
  ++(counts_.*counter);
  handed_.push_back(identity);
}

void ConnectionLedger::not_taken(std::uint64_t ConnectionCounts::*counter) {
  const std::lock_guard lock(mutex_);
  --(counts_.*counter);
  ++counts_.unwanted;
}

void ConnectionLedger::dropped(std::uint64_t ConnectionCounts::*counter) {
  const std::lock_guard lock(mutex_);
  --undecided_;
  ++(counts_.*counter);
}

void ConnectionLedger::gone() {
  const std::lock_guard lock(mutex_);
  --undecided_;
}

ConnectionCounts ConnectionLedger::counts() {
  const std::lock_guard lock(mutex_);
  look_at(handed_.size());
  counts_.open = undecided_ + handed_.size();
  return counts_;
}

void ConnectionLedger::look_at(std::size_t count) {
  for (count = std::min(count, handed_.size()); count > 0; --count) {
    if (next_ >= handed_.size()) next_ = 0;
    if (inode_of(handed_[next_].fd) == handed_[next_].inode) {
      ++next_;
      continue;
    }
    handed_[next_] = handed_.back();
    handed_.pop_back();
  }
}

}  // namespace brontes::detail
