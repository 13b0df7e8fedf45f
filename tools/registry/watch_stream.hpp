// The watches of one Watch call of etcd's API, and how far each has come. No actor, no socket.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "key_value_store.hpp"

namespace brontes::registry {

/// A watch holds a place in the store's history, not a copy of it: a reader that is slow costs
/// nothing, and is cancelled when what it has not read is compacted. Not thread-safe.
class WatchStream {
 public:
  static constexpr std::size_t kWatches = 10'000;

  void take(const api::WatchRequest& request, const Store& store);
  /// The next response; null when there is none until the store changes.
  std::unique_ptr<api::WatchResponse> next(const Store& store);
  /// Says to the watches that asked for it and have nothing else to hear how far the store is.
  void note_progress(const Store& store);
  /// Whether all that was asked is answered; what the store has to say may still be waiting.
  bool answered() const { return answers_.empty() && !progress_asked_; }

 private:
  struct Watch {
    KeySpan span;
    std::uint64_t next = 0;  ///< the first revision that it has not seen
    bool puts = true, removals = true, with_previous = false, progress = false;
    bool wants(const Store::Change& change) const {
      return span.holds(change.key()) && (change.after ? puts : removals);
    }
  };
  using Watches = std::map<std::int64_t, Watch>;

  void create(const api::WatchCreateRequest& request, const Store& store);
  std::unique_ptr<api::WatchResponse> hear(Watches::iterator at, const Store& store);
  static bool seek(Watch& watch, const Store& store);
  static std::unique_ptr<api::WatchResponse> read(std::int64_t id, Watch& watch,
                                                  const Store& store);

  Watches watches_;
  std::int64_t last_heard_ = -1;  ///< they take turns
  std::int64_t next_id_ = 0;
  bool progress_asked_ = false;
  std::deque<std::unique_ptr<api::WatchResponse>> answers_;
};

}  // namespace brontes::registry
