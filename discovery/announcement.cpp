#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/detail/announcement_state.hpp>
#include <brontes/discovery/detail/errand.hpp>
#include <utility>

namespace brontes {
namespace {

constexpr const char* kAnnouncementName = "discovery.announcement";
constexpr Duration kFarewell = std::chrono::seconds(2);  // for a withdrawal nobody waits for

class ListenerActor : public AnnouncementListener::base {
 public:
  ListenerActor(caf::actor_config& config, std::shared_ptr<detail::AnnouncementBox> box)
      : AnnouncementListener::base(config), box_(std::move(box)) {}

  behavior_type make_behavior() override {
    return {[this](const AnnouncementEvent& event) { box_->call(event, kAnnouncementName); }};
  }

 private:
  std::shared_ptr<detail::AnnouncementBox> box_;
};

template <class Message>
void request(const std::shared_ptr<detail::KeeperUse>& use, Message message, const char* what,
             Duration limit, Completion done) {
  detail::run_errand<RecordStands>(
      use->system, use->keeper, limit, std::move(message),
      [use, what, done = std::move(done)](Expected<RecordStands> outcome) {
        if (!done) return;
        if (outcome) return done({});
        const Status& cause = outcome.error();
        done({cause.code(), std::string(what) + " at " + use->open.url + ": " + cause.message()});
      });
}

std::pair<Completion, std::future<Status>> awaited() {
  auto promise = std::make_shared<std::promise<Status>>();
  auto future = promise->get_future();
  return {[promise](Status status) { promise->set_value(std::move(status)); }, std::move(future)};
}

}  // namespace

Announcement::State::State(std::shared_ptr<detail::KeeperUse> keeper_use, Instance announced,
                           AnnouncementCallback on_event)
    : use(std::move(keeper_use)),
      box(std::make_shared<detail::AnnouncementBox>(std::move(on_event))),
      listener(spawn_plumbing<ListenerActor>(use->system, "discovery.announcement", box)),
      instance(std::move(announced)) {}

Announcement::State::~State() {
  box->close();
  stop(listener);
  if (!withdrawn && !use->abandoned)
    request(use, WithdrawRecord{instance.instance_id}, "withdraw", kFarewell, nullptr);
}

Announcement::Announcement() = default;
Announcement::Announcement(std::shared_ptr<State> state) : state_(std::move(state)) {}
Announcement::Announcement(Announcement&&) noexcept = default;
Announcement& Announcement::operator=(Announcement&&) noexcept = default;
Announcement::~Announcement() = default;

Instance Announcement::instance() const {
  const std::lock_guard lock(state_->mutex);
  return state_->instance;
}

void Announcement::update(Instance instance, Duration limit, Completion done) {
  if (Status status = validate(instance); !status.ok()) return done(std::move(status));
  {
    const std::lock_guard lock(state_->mutex);
    if (record_key(instance) != record_key(state_->instance))
      return done({Errc::kInvalidArgument, "update " + record_key(state_->instance) +
                                               ": name, version and id cannot change"});
    state_->instance = instance;
  }
  request(state_->use, AnnounceRecord{std::move(instance), state_->listener}, "update", limit,
          std::move(done));
}

void Announcement::drain(Duration limit, Completion done) {
  std::string id;
  {
    const std::lock_guard lock(state_->mutex);
    state_->instance.healthy = false;
    id = state_->instance.instance_id;
  }
  request(state_->use, DrainRecord{std::move(id)}, "drain", limit, std::move(done));
}

void Announcement::withdraw(Duration limit, Completion done) {
  std::string id;
  {
    const std::lock_guard lock(state_->mutex);
    state_->withdrawn = true;
    id = state_->instance.instance_id;
  }
  if (state_->use->abandoned) return done({});
  request(state_->use, WithdrawRecord{std::move(id)}, "withdraw", limit, std::move(done));
}

std::future<Status> Announcement::drain(Duration limit) {
  auto [done, future] = awaited();
  drain(limit, std::move(done));
  return std::move(future);
}

std::future<Status> Announcement::withdraw(Duration limit) {
  auto [done, future] = awaited();
  withdraw(limit, std::move(done));
  return std::move(future);
}

void Announcement::abandon() {
  state_->use->abandoned = true;
  stop(state_->use->keeper);
}

}  // namespace brontes
