// Numbers that many threads count and somebody reads now and then: what metrics are made of. Under
// which names they are shown is the business of runtime/observability/metrics.hpp.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace brontes {

namespace detail {

/// A row of numbers for each of a few shards; a thread counts in its own, so that threads on
/// different cores do not fight over a cache line. Thread-safe. See docs/adr/0065-metrics.md.
class ShardedCells {
 public:
  struct alignas(64) Line {
    std::array<std::atomic<std::uint64_t>, 8> cells{};
  };

  /// Where one thread counts.
  class Row {
   public:
    void add(std::size_t at, std::uint64_t n = 1) const noexcept {
      cell(at).fetch_add(n, std::memory_order_relaxed);
    }
    void add_real(std::size_t at, double n) const noexcept {
      auto& it = cell(at);
      auto bits = it.load(std::memory_order_relaxed);
      const auto more = [n](std::uint64_t old) {
        return std::bit_cast<std::uint64_t>(std::bit_cast<double>(old) + n);
      };
      while (!it.compare_exchange_weak(bits, more(bits), std::memory_order_relaxed)) {
      }
    }

   private:
    friend class ShardedCells;
    explicit Row(Line* first) : first_(first) {}
    std::atomic<std::uint64_t>& cell(std::size_t at) const { return first_[at / 8].cells[at % 8]; }
    Line* first_;
  };

  explicit ShardedCells(std::size_t width)
      : lines_per_row_((width + 7) / 8), lines_(lines_per_row_ * kShards) {}

  /// This thread's.
  Row row() noexcept { return Row(&lines_[shard() * lines_per_row_]); }
  std::uint64_t sum(std::size_t at) const;
  double sum_real(std::size_t at) const;

 private:
  static constexpr std::size_t kShards = 8;
  static std::size_t shard() noexcept {
    static std::atomic<std::size_t> threads{0};
    thread_local const std::size_t mine = threads.fetch_add(1, std::memory_order_relaxed) % kShards;
    return mine;
  }

  std::size_t lines_per_row_;
  std::vector<Line> lines_;
};

}  // namespace detail

/// Only grows. Thread-safe; add() takes some nanoseconds.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { cells_.row().add(0, n); }
  std::uint64_t value() const { return cells_.sum(0); }

 private:
  detail::ShardedCells cells_{1};
};

/// Goes up and down. Thread-safe.
class Gauge {
 public:
  void set(double value) noexcept { value_.store(value, std::memory_order_relaxed); }
  void add(double n) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// How values are spread. Thread-safe; observe() takes some ten nanoseconds.
class Histogram {
 public:
  /// Upper bounds of the buckets, included, ascending; beyond the last there is one more.
  explicit Histogram(std::vector<double> bounds)
      : bounds_(std::move(bounds)), cells_(bounds_.size() + 2) {}

  void observe(double value) noexcept;

  const std::vector<double>& bounds() const { return bounds_; }
  /// Of each bucket alone, the one beyond the last bound too.
  std::vector<std::uint64_t> counts() const;
  double sum() const { return cells_.sum_real(bounds_.size() + 1); }

 private:
  const std::vector<double> bounds_;
  detail::ShardedCells cells_;
};

/// Which bucket a value belongs to; the number of bounds if it is beyond the last.
std::size_t bucket_of(const std::vector<double>& bounds, double value) noexcept;

}  // namespace brontes
