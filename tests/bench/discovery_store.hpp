// A registry as a process of its own, for benchmarks of discovery, and a client of it without any
// of ours in between.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/instance.hpp>
#include <cstdio>
#include <memory>
#include <string>

namespace brontes::bench {

/// A bound for whatever should come.
constexpr Duration kHang = std::chrono::seconds(60);

[[noreturn]] void give_up(const std::string& why);

inline TimePoint now() { return system_clock().now(); }
inline double ms(Duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

/// One of the instances of "svc/v1"; each number has its own id and address.
Instance instance(int number);

/// Clients of one registry; ends with the object.
class Store {
 public:
  /// Starts `brontes registry`.
  Store();
  /// One that serves already, at "h:p".
  explicit Store(std::string address);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const std::string& address() const { return address_; }
  std::string url() const { return "etcd://" + address_; }

  /// Instances 0 to `count` - 1, in transactions.
  void fill(int count);
  void put(const Instance& what);
  /// All of "svc", undecoded: how many.
  int range();

 private:
  struct Keys;
  FILE* output_ = nullptr;
  int pid_ = 0;
  std::string address_;
  std::unique_ptr<Keys> keys_;
};

}  // namespace brontes::bench
