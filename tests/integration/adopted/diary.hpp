// What happened, in order.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <brontes/actors/call/call.hpp>
#include <brontes/actors/call/interceptor.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace brontes::testing {

/// So long a test waits before it says that something hangs.
constexpr auto kHang = std::chrono::seconds(20);

using Entries = std::vector<std::string>;

class Diary {
 public:
  void note(std::string entry) {
    {
      const std::lock_guard lock(mutex_);
      entries_.push_back(std::move(entry));
    }
    changed_.notify_all();
  }

  /// All entries, when that many begin with the text.
  Entries wait_for(const std::string& text, int count = 1) {
    std::unique_lock lock(mutex_);
    const bool came = changed_.wait_for(lock, kHang, [&] {
      return std::count_if(entries_.begin(), entries_.end(), [&](const std::string& entry) {
               return entry.starts_with(text);
             }) >= count;
    });
    EXPECT_TRUE(came) << "no entry '" << text << "'";
    return entries_;
  }

  /// The first entry that begins with the text, when it is there; others may stand behind it.
  std::string entry(const std::string& text) {
    const Entries all = wait_for(text);
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const std::string& entry) { return entry.starts_with(text); });
    return found == all.end() ? std::string() : *found;
  }

  /// Forgets, for the next call.
  void turn_page() {
    const std::lock_guard lock(mutex_);
    entries_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Entries entries_;
};

/// Enters what it sees as "NAME headers", "NAME request TEXT", "NAME done CODE". Refuses where the
/// metadata `x-refuse` says so: "headers" or "request".
class Witness final : public Interceptor {
 public:
  Witness(std::string name, Diary& diary) : name_(std::move(name)), diary_(diary) {}
  const char* name() const override { return name_.c_str(); }

  Status on_headers(Call& call) override {
    {
      const std::lock_guard lock(mutex_);
      peer_ = call.peer();
    }
    diary_.note(name_ + " headers");
    return refuse(call, "headers");
  }
  Status on_request(Call& call, const Message& request) override {
    diary_.note(name_ + " request " + request.ShortDebugString());
    return refuse(call, "request");
  }
  void on_done(const Call& call, const Outcome& outcome) noexcept override {
    {
      const std::lock_guard lock(mutex_);
      EXPECT_EQ(call.peer(), peer_);  // all calls of a test come from one peer
    }
    EXPECT_GT(outcome.latency, Duration::zero());
    diary_.note(name_ + " done " + std::string(to_string(outcome.status.code())));
  }

 private:
  Status refuse(Call& call, const char* where) {
    if (name_ != "inner" || call.metadata("x-refuse") != where) return {};
    call.add_trailer("x-why", where);
    return {Errc::kResourceExhausted, "not today", "DETAILS"};
  }

  const std::string name_;
  Diary& diary_;
  std::mutex mutex_;
  std::string peer_;
};

}  // namespace brontes::testing
