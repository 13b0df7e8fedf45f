// Which member of a cluster is asked: one, as long as it answers; then the next.
#pragma once

#include <brontes/actors/backoff.hpp>
#include <brontes/actors/status.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace brontes::etcd {

/// A member that failed rests, at first for an instant, at most for a second, so that a thousand
/// askers make one attempt. Confined to one actor.
class Members {
 public:
  /// Begins with any of them, so that not all processes ask the same one.
  Members(std::vector<std::string> addresses, std::uint64_t seed);

  std::size_t size() const { return members_.size(); }
  const std::string& address(std::size_t member) const { return members_[member].address; }

  /// The preferred one or, in turn, the next that is not `tried` and does not rest.
  std::optional<std::size_t> choose(const std::vector<bool>& tried, TimePoint now) const;
  /// Counts the connections to it; what a failure is told of.
  std::uint64_t era(std::size_t member) const { return members_[member].era; }
  /// False for old news: the failure of a connection that was given up already.
  bool failed(std::size_t member, std::uint64_t era, const Status& why, TimePoint now);
  void worked(std::size_t member);

  /// Why nobody can be asked.
  Status complaint() const;

 private:
  struct Member {
    std::string address;
    std::uint64_t era = 1;
    TimePoint rests_until{};
    Backoff backoff;
    Status failure;
  };
  std::vector<Member> members_;
  std::size_t preferred_;
};

}  // namespace brontes::etcd
