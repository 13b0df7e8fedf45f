#include <algorithm>
#include <brontes/discovery/testkit/detail/peer_link.hpp>
#include <brontes/discovery/testkit/detail/world_core.hpp>
#include <brontes/discovery/testkit/peer.hpp>
#include <utility>

namespace brontes {
namespace {

constexpr Duration kReset = std::chrono::microseconds(500);  // until callers see that it died

const char* to_text(AnnouncementEvent::Type type) {
  switch (type) {
    case AnnouncementEvent::Type::kRegistered:
      return "registered";
    case AnnouncementEvent::Type::kLost:
      return "lost its record";
    case AnnouncementEvent::Type::kReregistered:
      return "registered again";
    case AnnouncementEvent::Type::kConflict:
      return "finds its record taken";
    case AnnouncementEvent::Type::kDeregistered:
      return "deregistered";
  }
  return "";
}

class RecordListener final : public AnnouncementListener::base {
 public:
  RecordListener(caf::actor_config& config, detail::WorldCore& core)
      : AnnouncementListener::base(config), core_(core) {}
  behavior_type make_behavior() override {
    return {[this](const AnnouncementEvent& event) {
      core_.note(event.instance.instance_id + " " + to_text(event.type));
    }};
  }

 private:
  detail::WorldCore& core_;
};

}  // namespace

Peer::Peer(detail::WorldCore& core, std::string name, PeerOptions options)
    : core_(core),
      name_(std::move(name)),
      options_(std::move(options)),
      behaviour_(options_.behaviour),
      dice_(core.seed, name_) {}

Peer::~Peer() {
  if (keeper_) stop(keeper_);
  for (const LeaseKeeper& keeper : former_) stop(keeper);
}

void Peer::note(const std::string& text) { core_.note(name_ + " " + text); }

Instance Peer::record() const {
  Instance record;
  record.name = options_.service;
  record.version = options_.version;
  record.instance_id = name_;
  record.address = detail::address_of(name_);
  record.weight = options_.weight;
  record.tags = options_.tags;
  record.metadata["brontes.incarnation"] = std::to_string(process_ << 16);
  return record;
}

void Peer::become(const PeerBehaviour& behaviour) {
  behaviour_ = behaviour;
  note("changes");
}

void Peer::reweigh(std::uint32_t weight) {
  options_.weight = weight;
  note("weighs " + std::to_string(weight));
  if (keeper_ && state_ == PeerState::kRunning)
    brontes::tell(keeper_, AnnounceRecord{record(), {}});
  core_.stage.run();
}

void Peer::start() {
  if (state_ == PeerState::kRunning) return;
  const bool goes_on = std::exchange(state_, PeerState::kRunning) == PeerState::kPaused;
  note(goes_on ? "goes on" : "starts");
  if (goes_on) return rule_gate();
  end_process();
  process_ = ++core_.processes;
  gate_ =
      core_.stage.spawn<RegistryGateActor>(Registry(core_.memory), std::make_shared<GateTraffic>());
  rule_gate();
  LeaseKeeperOptions options;
  options.ttl = core_.ttl;
  options.seed = dice_.next();
  keeper_ = spawn_lease_keeper(core_.stage.system(), {"memory:", gate_, {}, nullptr}, options);
  brontes::tell(keeper_, AnnounceRecord{record(), core_.stage.spawn<RecordListener>(core_)});
  core_.stage.run();
}

void Peer::end_process() {
  process_ = 0;
  busy_ = 0;
  waiting_.clear();
  if (keeper_) stop(std::exchange(keeper_, {}));
}

void Peer::pause() {
  if (!is_listening()) return;
  state_ = PeerState::kPaused;
  note("stands still");
  rule_gate();
  tell_links();
}

void Peer::leave() {
  if (state_ != PeerState::kRunning) return;
  state_ = PeerState::kLeaving;
  note("leaves");
  brontes::tell(keeper_, DrainRecord{name_});
  core_.agenda.after(kDrain, [this, process = process_] {
    if (process == process_ && state_ == PeerState::kLeaving) left();
  });
  core_.stage.run();
}

void Peer::left() {
  brontes::tell(keeper_, WithdrawRecord{name_});
  former_.push_back(std::exchange(keeper_, {}));
  state_ = PeerState::kAbsent;
  note("is gone");
  for (const auto& link : core_.links_to(detail::address_of(name_))) link->go_away();
}

void Peer::crash() {
  if (state_ == PeerState::kAbsent || state_ == PeerState::kCrashed) return;
  state_ = PeerState::kCrashed;
  note("crashes");
  end_process();
  core_.agenda.after(kReset, [&core = core_, address = detail::address_of(name_)] {
    for (const auto& link : core.links_to(address)) link->reset("connection reset");
  });
  core_.stage.run();
}

void Peer::cut(bool from_callers, bool from_registry) {
  cut_from_callers_ = from_callers;
  cut_from_registry_ = from_registry;
  note("is cut off from " + detail::cut_text("callers", from_callers, from_registry));
  rule_gate();
  tell_links();
}

void Peer::rule_gate() {
  const bool refuse = cut_from_registry_ || state_ == PeerState::kPaused;
  if (gate_) core_.stage.tell(gate_, GateRules{.refuse = refuse});
}

void Peer::tell_links() {
  for (const auto& link : core_.links_to(detail::address_of(name_))) link->watch_keepalive();
  core_.stage.run();
}

std::uint64_t Peer::received(TimePoint since) const {
  return static_cast<std::uint64_t>(received_.end() -
                                    std::upper_bound(received_.begin(), received_.end(), since));
}

// All is drawn for each call, whatever comes of it: so a share that changes moves no other draw.
Peer::Work Peer::draw(Request request) {
  Work work{request.deadline,
            dice_.draw(behaviour_.latency),
            dice_.chance(behaviour_.hangs),
            {},
            std::move(request.answer)};
  if (dice_.chance(behaviour_.errors)) {
    work.reply.status = {behaviour_.code, name_ + " was told to fail"};
    if (behaviour_.pushback)
      work.reply.trailers.emplace_back(
          "grpc-retry-pushback-ms",
          std::to_string(
              std::chrono::duration_cast<std::chrono::milliseconds>(*behaviour_.pushback).count()));
  }
  return work;
}

std::optional<TimePoint> Peer::receive(Request request) {
  received_.push_back(core_.now());
  Work work = draw(std::move(request));
  if (behaviour_.workers == 0 || busy_ < behaviour_.workers) return begin(std::move(work));
  if (waiting_.size() < behaviour_.queue) {
    waiting_.push_back(std::move(work));
    return {};
  }
  work.reply.status = {Errc::kResourceExhausted, name_ + ": its queue is full"};
  core_.agenda.after(kReset, [work = std::move(work)] { work.answer(work.reply); });
  return core_.now() + kReset;
}

// A call that hangs keeps its worker until nobody waits for it any more.
std::optional<TimePoint> Peer::begin(Work work) {
  ++busy_;
  const TimePoint now = core_.now();
  const TimePoint end = work.hangs ? work.deadline : now + work.takes;
  const bool hangs = work.hangs;
  if (end != TimePoint::max())
    core_.agenda.at(end,
                    [this, process = process_, work = std::move(work)] { finish(process, work); });
  return hangs ? std::nullopt : std::optional(end);
}

void Peer::finish(std::uint64_t process, const Work& work) {
  if (process != process_) return;  // it died meanwhile
  --busy_;
  if (!work.hangs) work.answer(work.reply);
  begin_next();
}

// What nobody waits for any more is not worked on.
void Peer::begin_next() {
  while (!waiting_.empty() && (behaviour_.workers == 0 || busy_ < behaviour_.workers)) {
    Work work = std::move(waiting_.front());
    waiting_.pop_front();
    if (work.deadline > core_.now()) begin(std::move(work));
  }
}

}  // namespace brontes
