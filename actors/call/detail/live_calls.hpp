// The calls that a replica has begun and not yet answered.
#pragma once

#include <brontes/actors/call/call.hpp>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace brontes::detail {

/// Thread-safe: a call may be answered on any thread.
class LiveCalls final : public CallHolder {
 public:
  void add(const CallPtr& call) {
    const std::lock_guard lock(mutex_);
    calls_.emplace(call.get(), call);
  }

  bool has(Call* call) const {
    const std::lock_guard lock(mutex_);
    return calls_.count(call) > 0;
  }

  void let_go(Call& call) override {
    CallPtr last;  // goes after the lock
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(&call);
    if (found == calls_.end()) return;
    last = std::move(found->second);
    calls_.erase(found);
  }

  std::vector<CallPtr> take_all() {
    const std::lock_guard lock(mutex_);
    std::vector<CallPtr> all;
    for (auto& [key, call] : calls_) all.push_back(std::move(call));
    calls_.clear();
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<Call*, CallPtr> calls_;
};

}  // namespace brontes::detail
