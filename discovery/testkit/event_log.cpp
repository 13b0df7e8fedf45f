#include <array>
#include <brontes/discovery/testkit/event_log.hpp>
#include <cstdio>

namespace brontes {

std::string in_seconds(Duration time) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%lld.%06llds", static_cast<long long>(us / 1'000'000),
                static_cast<long long>(us % 1'000'000));
  return text.data();
}

void EventLog::add(Duration at, std::string_view text) {
  std::string line = "+" + in_seconds(at) + " ";
  line += text;
  const auto take = [this](char c) {
    hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  for (const char c : line) take(c);
  take('\n');
  ++count_;
  lines_.push_back(std::move(line));
  if (lines_.size() > kLines) lines_.pop_front();
}

std::string EventLog::hash() const {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(hash_));
  return text.data();
}

}  // namespace brontes
