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

bool ConnectionLedger::admit(const Address& peer) {
  const std::lock_guard lock(mutex_);
  ++counts_.accepted;
  const bool room = has_room();
  if (!room || !has_room_for(peer)) {
    ++counts_.refused;
    if (room) ++counts_.crowding;
    return false;
  }
  ++undecided_;
  if (limit_per_address_ > 0 && peer != kNobody) ++peers_[peer];
  return true;
}

bool ConnectionLedger::has_room() {
  if (undecided_ + handed_.size() >= limit_) look_at(kLooksPerRefusal);
  return undecided_ + handed_.size() < limit_;
}

bool ConnectionLedger::has_room_for(const Address& peer) {
  if (limit_per_address_ == 0 || peer == kNobody) return true;
  const auto full = [&] {
    const auto found = peers_.find(peer);
    return found != peers_.end() && found->second >= limit_per_address_;
  };
  std::size_t looks = kLooksPerRefusal;
  for (std::size_t left = handed_.size(); left > 0 && looks > 0 && full(); --left) {
    if (next_ >= handed_.size()) next_ = 0;
    if (handed_[next_].peer != peer || (--looks, !is_gone(next_))) ++next_;
  }
  return !full();
}

ConnectionLedger::Identity ConnectionLedger::identify(int fd, const Address& peer) {
  return {fd, inode_of(fd), peer};
}

void ConnectionLedger::handed(const Identity& identity, std::uint64_t ConnectionCounts::*counter) {
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

void ConnectionLedger::dropped(const Address& peer, std::uint64_t ConnectionCounts::*counter) {
  const std::lock_guard lock(mutex_);
  --undecided_;
  ++(counts_.*counter);
  leave(peer);
}

void ConnectionLedger::gone(const Address& peer) {
  const std::lock_guard lock(mutex_);
  --undecided_;
  leave(peer);
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
    if (!is_gone(next_)) ++next_;
  }
}

// True: it was struck out, and another one may have its place.
bool ConnectionLedger::is_gone(std::size_t index) {
  if (inode_of(handed_[index].fd) == handed_[index].inode) return false;
  leave(handed_[index].peer);
  handed_[index] = handed_.back();
  handed_.pop_back();
  return true;
}

void ConnectionLedger::leave(const Address& peer) {
  const auto found = peers_.find(peer);
  if (found != peers_.end() && --found->second == 0) peers_.erase(found);
}

}  // namespace brontes::detail
