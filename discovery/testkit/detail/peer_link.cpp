#include <algorithm>
#include <brontes/discovery/testkit/detail/peer_link.hpp>
#include <brontes/discovery/testkit/peer.hpp>
#include <utility>

namespace brontes::detail {
namespace {

constexpr Duration kRoundTrip = std::chrono::microseconds(500);
constexpr Duration kConnectTimeout = std::chrono::seconds(5);
constexpr Duration kFirstBackoff = std::chrono::milliseconds(200);
constexpr Duration kLastBackoff = std::chrono::seconds(10);
constexpr Duration kKeepalive =
    std::chrono::seconds(40);  // a ping each 30 s, an answer within 10 s

UnaryReply failed(Errc code, std::string why, bool sent) {
  UnaryReply reply;
  reply.status = {code, std::move(why)};
  reply.sent = sent;
  return reply;
}

class LinkAttempt final : public UnaryAttempt {
 public:
  LinkAttempt(std::weak_ptr<PeerLink> link, std::uint64_t number)
      : link_(std::move(link)), number_(number) {}
  void cancel() override {
    if (const auto link = link_.lock()) link->cancel(number_);
  }

 private:
  const std::weak_ptr<PeerLink> link_;
  const std::uint64_t number_;
};

class PeerTransport final : public Transport {
 public:
  explicit PeerTransport(std::shared_ptr<LinkSide> side) : side_(std::move(side)) {}
  std::shared_ptr<Connection> open(ConnectionOptions options) override {
    auto link = std::make_shared<PeerLink>(side_, std::move(options));
    side_->core.links.push_back(link);
    return link;
  }

 private:
  const std::shared_ptr<LinkSide> side_;
};

}  // namespace

PeerLink::PeerLink(std::shared_ptr<LinkSide> side, ConnectionOptions options)
    : side_(std::move(side)),
      core_(side_->core),
      options_(std::move(options)),
      peer_(options_.address.substr(0, options_.address.rfind(':'))),
      dice_(core_.seed, side_->caller + " to " + peer_) {}

bool PeerLink::reachable() const {
  const Peer* peer = core_.at(options_.address);
  return !side_->is_cut && peer && peer->is_reachable();
}

void PeerLink::connect() {
  if (state_ == Connectivity::kIdle) dial();
}

void PeerLink::reset_backoff() {
  if (state_ != Connectivity::kFailing) return;
  failures_ = 0;
  dial();
}

void PeerLink::dial() {
  set(Connectivity::kConnecting);
  later(kRoundTrip, [turn = ++turn_](PeerLink& link) {
    if (turn == link.turn_) link.dialled(false);
  });
}

// Who refuses does so at once; who does not answer is waited for.
void PeerLink::dialled(bool waited) {
  const Peer* peer = core_.at(options_.address);
  const bool silent = side_->is_cut || (peer && peer->is_silent());
  if (silent && !waited)
    return later(kConnectTimeout - kRoundTrip, [turn = turn_](PeerLink& link) {
      if (turn == link.turn_) link.dialled(true);
    });
  if (silent || !peer || !peer->is_listening()) return dial_failed();
  failures_ = 0;
  set(Connectivity::kReady);
}

void PeerLink::dial_failed() {
  const Duration full = std::min(kFirstBackoff * (1 << std::min(failures_++, 6)), kLastBackoff);
  set(Connectivity::kFailing);
  later(dice_.between(full * 4 / 5, full * 6 / 5), [turn = turn_](PeerLink& link) {
    if (turn == link.turn_) link.dial();
  });
}

void PeerLink::set(Connectivity state) {
  if (std::exchange(state_, state) == state) return;
  core_.note(side_->caller + ": " + peer_ + " is " + std::string(to_string(state)));
  options_.on_connectivity(state);
}

std::shared_ptr<UnaryAttempt> PeerLink::start_unary(UnaryRequest request,
                                                    std::function<void(UnaryReply)> done) {
  const std::uint64_t number = ++last_number_;
  std::string label = side_->caller + " " + *request.body;
  side_->sent.push_back({core_.now(), peer_});
  core_.note(label + " -> " + peer_);
  in_flight_[number] = {std::move(done), options_.stats->begin(), request.deadline,
                        std::move(label)};
  auto attempt = std::make_shared<LinkAttempt>(weak_from_this(), number);
  if (state_ != Connectivity::kReady) {
    later({}, [number](PeerLink& link) {
      link.settle(number, failed(Errc::kUnavailable, "not connected to " + link.peer_, false));
    });
    return attempt;
  }
  std::optional<TimePoint> answer_at;
  if (reachable())
    answer_at =
        core_.at(options_.address)
            ->receive({request.deadline, [weak = weak_from_this(), number](UnaryReply reply) {
                         if (const auto link = weak.lock()) link->arrived(number, std::move(reply));
                       }});
  if (!answer_at || *answer_at > request.deadline) expire_at(number, request.deadline);
  return attempt;
}

// An answer that cannot come through is lost.
void PeerLink::arrived(std::uint64_t number, UnaryReply reply) {
  const auto at = in_flight_.find(number);
  if (at == in_flight_.end()) return;
  if (!reachable()) return expire_at(number, at->second.deadline);
  settle(number, std::move(reply));
}

void PeerLink::expire_at(std::uint64_t number, TimePoint deadline) {
  if (deadline == TimePoint::max()) return;
  later(deadline - core_.now(), [number](PeerLink& link) {
    link.settle(number, failed(Errc::kDeadlineExceeded, "no answer of " + link.peer_, true));
  });
}

void PeerLink::settle(std::uint64_t number, UnaryReply reply) {
  const auto node = in_flight_.extract(number);
  if (!node) return;
  const InFlight& call = node.mapped();
  core_.note(call.label + " <- " + peer_ + ": " + std::string(to_string(reply.status.code())) +
             " after " + in_seconds(core_.now() - call.ticket.began));
  const Peer* peer = core_.at(options_.address);
  if (reply.status.ok() && peer && peer->behaviour().cpu)
    options_.stats->report(static_cast<float>(*peer->behaviour().cpu));
  options_.stats->end(call.ticket, reply.status.code());
  call.done(std::move(reply));
}

void PeerLink::cancel(std::uint64_t number) {
  settle(number, failed(Errc::kCancelled, "cancelled by its caller", true));
}

void PeerLink::reset(const std::string& why) {
  if (state_ == Connectivity::kReady) {
    ++turn_;
    set(Connectivity::kIdle);
  }
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, call] : in_flight_) numbers.push_back(number);
  for (const std::uint64_t number : numbers)
    settle(number, failed(Errc::kUnavailable, peer_ + ": " + why, true));
}

void PeerLink::go_away() {
  if (state_ != Connectivity::kReady) return;
  ++turn_;
  set(Connectivity::kIdle);
}

void PeerLink::watch_keepalive() {
  if (state_ != Connectivity::kReady || reachable()) return;
  later(kKeepalive, [turn = turn_](PeerLink& link) {
    if (turn == link.turn_ && !link.reachable()) link.reset("its keepalive was not answered");
  });
}

void PeerLink::later(Duration delay, std::function<void(PeerLink&)> what) {
  core_.agenda.after(delay, [weak = weak_from_this(), what = std::move(what)] {
    if (const auto link = weak.lock()) what(*link);
  });
}

std::shared_ptr<Transport> make_peer_transport(std::shared_ptr<LinkSide> side) {
  return std::make_shared<PeerTransport>(std::move(side));
}

}  // namespace brontes::detail
