// Answers that are not given yet: of a registry that was told to be slow or silent.
#pragma once

#include <brontes/actors/caf.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>

namespace brontes::detail {

/// Bounded: the oldest answers are lost first. Confined to one actor; clear() it in on_exit.
class AnswerBox {
 public:
  explicit AnswerBox(std::size_t limit) : limit_(limit) {}

  /// Keeps the answer until deliver(number) or deliver_all().
  std::uint64_t hold(std::function<void()> answer) {
    if (held_.size() >= limit_) held_.erase(held_.begin());
    held_.emplace(++last_, std::move(answer));
    return last_;
  }
  void deliver(std::uint64_t number) {
    if (auto node = held_.extract(number)) node.mapped()();
  }
  void deliver_all() {
    for (const auto& [number, answer] : std::exchange(held_, {})) answer();
  }
  void clear() { held_.clear(); }

 private:
  std::size_t limit_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::function<void()>> held_;
};

}  // namespace brontes::detail
