#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <brontes/actors/detail/snapshot_hub.hpp>

#include <algorithm>
#include <utility>

namespace brontes::detail {
namespace {

bool register_membarrier() {
#ifdef __SANITIZE_THREAD__
  return false;
#else
  const long commands = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
  return commands > 0 && (commands & MEMBARRIER_CMD_PRIVATE_EXPEDITED) != 0 &&
         syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
#endif
}

// Small numbers, used again, so that the tables of the threads stay short.
class Ids {
 public:
  std::size_t take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return next_++;
    const std::size_t id = free_.back();
    free_.pop_back();
    return id;
  }
  void give_back(std::size_t id) {
    const std::lock_guard lock(mutex_);
    free_.push_back(id);
  }

 private:
  std::mutex mutex_;
  std::size_t next_ = 0;
  std::vector<std::size_t> free_;
};

Ids& ids() {
  static auto& instance = *new Ids;  // outlives every static Published
  return instance;
}

constinit thread_local bool thread_has_ended = false;

// Owns what slot_table points to.
struct ThreadSlots {
  std::vector<SnapshotSlot*> slots;

  ~ThreadSlots() {
    thread_has_ended = true;
    slot_table = {};
    for (SnapshotSlot*& slot : slots) put(slot, nullptr);
  }
  void put(SnapshotSlot*& place, std::unique_ptr<SnapshotSlot> slot) {
    if (place != nullptr) place->hub->unregister(*place);
    delete std::exchange(place, slot.release());
  }
};
thread_local ThreadSlots thread_slots;

}  // namespace

const bool kAsymmetricFence = register_membarrier();

SnapshotHub::SnapshotHub(std::shared_ptr<const void> first)
    : id_(ids().take()), value_(std::move(first)) {}

void SnapshotHub::publish(std::shared_ptr<const void> value) {
  std::vector<std::shared_ptr<const void>> old;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  old.push_back(std::exchange(value_, std::move(value)));
  version_.fetch_add(1, std::memory_order_seq_cst);
  if (slots_.empty()) return;
  if (kAsymmetricFence) syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
  for (SnapshotSlot* slot : slots_)
    if (slot->depth.load(std::memory_order_seq_cst) == 0) old.push_back(std::move(slot->value));
}

std::shared_ptr<const void> SnapshotHub::get() const {
  const std::lock_guard lock(mutex_);
  return value_;
}

void SnapshotHub::retire() {
  std::vector<std::shared_ptr<const void>> old;
  {
    const std::lock_guard lock(mutex_);
    old.push_back(std::move(value_));
    for (SnapshotSlot* slot : slots_) old.push_back(std::move(slot->value));
  }
  ids().give_back(id_);
}

SnapshotSlot* SnapshotHub::claim() {
  if (thread_has_ended) return nullptr;
  auto& mine = thread_slots;
  if (mine.slots.size() <= id_) mine.slots.resize(id_ + 1);
  auto slot = std::make_unique<SnapshotSlot>();
  slot->hub = shared_from_this();
  {
    const std::lock_guard lock(mutex_);
    slots_.push_back(slot.get());
  }
  mine.put(mine.slots[id_], std::move(slot));
  slot_table = {mine.slots.data(), mine.slots.size()};
  return mine.slots[id_];
}

void SnapshotHub::refresh(SnapshotSlot& slot) {
  std::shared_ptr<const void> old;
  const std::lock_guard lock(mutex_);
  old = std::exchange(slot.value, value_);
  slot.raw = value_.get();
  slot.seen = version_.load(std::memory_order_relaxed);
}

void SnapshotHub::drop(SnapshotSlot& slot) {
  std::shared_ptr<const void> old;
  const std::lock_guard lock(mutex_);
  old = std::move(slot.value);
}

void SnapshotHub::unregister(SnapshotSlot& slot) {
  std::shared_ptr<const void> old;
  const std::lock_guard lock(mutex_);
  old = std::move(slot.value);
  slots_.erase(std::find(slots_.begin(), slots_.end(), &slot));
}

}  // namespace brontes::detail
