#include <brontes/discovery/registries/etcd/detail/members.hpp>

namespace brontes::etcd {
namespace {

constexpr BackoffOptions kRest{std::chrono::milliseconds(50), std::chrono::seconds(1)};

}  // namespace

Members::Members(std::vector<std::string> addresses, std::uint64_t seed) {
  for (std::string& address : addresses)
    members_.push_back({std::move(address), 1, {}, Backoff(kRest, ++seed), {}});
  preferred_ = seed % members_.size();
}

std::optional<std::size_t> Members::choose(const std::vector<bool>& tried, TimePoint now) const {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::size_t member = (preferred_ + i) % members_.size();
    const bool was_tried = member < tried.size() && tried[member];
    if (!was_tried && members_[member].rests_until <= now) return member;
  }
  return std::nullopt;
}

bool Members::failed(std::size_t member, std::uint64_t era, const Status& why, TimePoint now) {
  Member& one = members_[member];
  if (one.era != era) return false;
  ++one.era;
  one.failure = why;
  one.rests_until = now + one.backoff.next();
  if (preferred_ == member) preferred_ = (member + 1) % members_.size();
  return true;
}

void Members::worked(std::size_t member) {
  members_[member].backoff.reset();
  members_[member].rests_until = {};
}

Status Members::complaint() const {
  std::string text;
  for (const Member& member : members_)
    text += (text.empty() ? "" : "; ") + member.address + ": " +
            (member.failure.ok() ? "no answer" : member.failure.message());
  return {Errc::kUnavailable, text};
}

}  // namespace brontes::etcd
