// How Published is read in a few nanoseconds without keeping old values alive. One trick, one file.
//
// Each thread keeps a copy (a slot) per Published and reads it while its version is the newest: no
// shared cache line is written, which is what makes atomic<shared_ptr> ten times slower (and gcc
// 12's is reported by ThreadSanitizer besides). The price would be that a thread that reads no
// more pins what it read last, for ever. So the publisher takes the copies of idle threads away:
//
//   reader:    inside = 1; FENCE; version == mine ?  ... read ...  inside = 0; FENCE; version moved
//   ? publisher: version = next; FENCE; inside == 0 ?  take the copy away : the reader does on
//   leaving
//
// One of the two sees the other (Dekker). The reader's fence would cost as much as a locked
// instruction, so it is only a compiler barrier, and the publisher's is membarrier(2), which runs
// a full barrier on every core where a thread of this process runs. Where the kernel refuses it,
// and under ThreadSanitizer, which knows no fences, both sides use sequentially consistent
// accesses.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace brontes::detail {

class SnapshotHub;

/// One thread's copy of one Published.
struct alignas(64) SnapshotSlot {
  std::atomic<std::uint32_t> depth = 0;  ///< nested reads; written by its thread
  std::uint64_t seen = 0;                ///< version of the copy; its thread only
  const void* raw = nullptr;             ///< valid while `seen` is the newest, or inside
  std::shared_ptr<const void> value;     ///< under the hub's mutex
  std::shared_ptr<SnapshotHub> hub;      ///< also keeps the hub's address from being reused
};

struct SlotTable {
  SnapshotSlot** slots = nullptr;  ///< by SnapshotHub::id
  std::size_t size = 0;
};
inline constinit thread_local SlotTable slot_table;

/// Readers fence for free, the publisher pays.
extern const bool kAsymmetricFence;

class SnapshotHub : public std::enable_shared_from_this<SnapshotHub> {
 public:
  explicit SnapshotHub(std::shared_ptr<const void> first);
  ~SnapshotHub() = default;

  void publish(std::shared_ptr<const void> value);
  std::shared_ptr<const void> get() const;
  /// No more reads: lets go of everything.
  void retire();

  /// The slot to read from; null when the thread is about to end. Nested reads see the same value.
  SnapshotSlot* enter() {
    SnapshotSlot* slot = id_ < slot_table.size ? slot_table.slots[id_] : nullptr;
    if (slot == nullptr || slot->hub.get() != this) [[unlikely]] {
      slot = claim();
      if (slot == nullptr) return nullptr;
    }
    const std::uint32_t depth = slot->depth.load(std::memory_order_relaxed);
    mark(*slot, depth + 1);
    if (slot->seen != version() && depth == 0) [[unlikely]]
      refresh(*slot);
    return slot;
  }

  void leave(SnapshotSlot& slot) {
    const std::uint32_t depth = slot.depth.load(std::memory_order_relaxed) - 1;
    mark(slot, depth);
    if (slot.seen != version() && depth == 0) [[unlikely]]
      drop(slot);
  }

  /// Called by a thread for its own slot.
  void unregister(SnapshotSlot& slot);

 private:
  static void mark(SnapshotSlot& slot, std::uint32_t depth) {
    if (kAsymmetricFence) [[likely]] {
      slot.depth.store(depth, std::memory_order_release);
      std::atomic_signal_fence(std::memory_order_seq_cst);
    } else {
      slot.depth.store(depth, std::memory_order_seq_cst);
    }
  }
  std::uint64_t version() const {  // on x86 and arm64 as cheap as a relaxed load
    return version_.load(std::memory_order_seq_cst);
  }
  SnapshotSlot* claim();
  void refresh(SnapshotSlot& slot);
  void drop(SnapshotSlot& slot);

  const std::size_t id_;  ///< given back on retire()
  std::atomic<std::uint64_t> version_ = 1;
  alignas(64) mutable std::mutex mutex_;  // not on the line that readers share
  std::shared_ptr<const void> value_;
  std::vector<SnapshotSlot*> slots_;
};

}  // namespace brontes::detail
