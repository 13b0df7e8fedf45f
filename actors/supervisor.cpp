#include <brontes/actors/detail/supervisor_actor.hpp>
#include <brontes/actors/supervisor.hpp>
#include <random>

namespace brontes {
namespace detail {

class SupervisorCore {
 public:
  System* system = nullptr;
  std::shared_ptr<HealthBoard> board = std::make_shared<HealthBoard>();
  SupervisorHandle actor;
  std::mutex mutex;
  std::uint64_t next_seed = 1;

  std::uint64_t take_seed() {
    const std::lock_guard lock(mutex);
    return next_seed++;
  }
};

}  // namespace detail

namespace {

std::uint64_t seed_for(const System& system, std::uint64_t wanted) {
  if (wanted != 0 || system.deterministic()) return std::max<std::uint64_t>(wanted, 1);
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

detail::ChildPtr make_child(ChildOptions options, std::uint64_t seed) {
  auto child = std::make_shared<detail::Child>();
  child->health.name = options.name;
  child->backoff = Backoff(options.backoff, seed);
  child->options = std::move(options);
  return child;
}

}  // namespace

Supervisor::Supervisor(System& system, SupervisorOptions options)
    : core_(std::make_unique<detail::SupervisorCore>()) {
  core_->system = &system;
  core_->next_seed = seed_for(system, options.seed);
  core_->board->on_health = std::move(options.on_health);
  core_->board->on_escalation = std::move(options.on_escalation);
  if (options.name.empty()) options.name = "supervisor";
  core_->actor = system.caf().spawn<detail::SupervisorActor>(std::move(options.name), core_->board);
}

Supervisor::Supervisor(Supervisor& parent, ChildOptions as_child, SupervisorOptions options)
    : core_(std::make_unique<detail::SupervisorCore>()) {
  System& system = *parent.core_->system;
  core_->system = &system;
  core_->next_seed = seed_for(system, options.seed);
  if (options.name.empty()) options.name = as_child.name;
  auto child = make_child(std::move(as_child), parent.core_->take_seed());
  core_->board->is_root = false;
  core_->board->on_health = std::move(options.on_health);
  // The parent holds the child, the child must not hold itself.
  core_->board->on_escalation = [parent_actor = parent.core_->actor,
                                 weak = std::weak_ptr(child)](const Status& why) {
    if (auto self = weak.lock()) brontes::tell(parent_actor, detail::ChildGaveUp{self, why});
  };
  core_->actor = system.caf().spawn<detail::SupervisorActor>(std::move(options.name), core_->board);
  child->spawn = [actor = core_->actor](caf::actor_system&) -> caf::strong_actor_ptr {
    brontes::tell(actor, detail::StartAll{});
    return nullptr;
  };
  child->nested = caf::actor_cast<caf::strong_actor_ptr>(core_->actor);
  child->halt = [actor = core_->actor](bool for_good) {
    brontes::tell(actor, detail::StopAll{for_good});
  };
  brontes::tell(parent.core_->actor, detail::AdoptChild{std::move(child)});
}

Supervisor::~Supervisor() {
  if (!core_) return;
  {
    const std::lock_guard lock(core_->board->callback_mutex);
    core_->board->on_health = nullptr;
    core_->board->on_escalation = nullptr;
  }
  brontes::stop(core_->actor);
}
Supervisor::Supervisor(Supervisor&&) noexcept = default;
Supervisor& Supervisor::operator=(Supervisor&& other) noexcept {
  std::swap(core_, other.core_);
  return *this;
}

std::shared_ptr<const detail::Rails> Supervisor::make_rails(const ChildOptions& options) {
  auto rails = std::make_shared<detail::Rails>();
  rails->resume = options.on_crash == OnCrash::kResume;
  // By address: a child that held its supervisor would keep it alive, and be kept by it.
  rails->on_resume = [address = core_->actor.address(), key = rails.get()](const Status& why) {
    if (const auto actor = caf::actor_cast<caf::actor>(address))
      brontes::tell(actor, detail::ChildResumed{key, why});
  };
  return rails;
}

caf::strong_actor_ptr Supervisor::start_child(ChildOptions options, Factory factory,
                                              const detail::Rails* rails) {
  auto child = make_child(std::move(options), core_->take_seed());
  child->facade = detail::make_facade(core_->system->caf(), child->options.name);
  child->spawn = std::move(factory);
  child->rails = rails;
  auto facade = child->facade;
  try {
    child->incarnation = child->spawn(core_->system->caf());
    detail::as_facade(facade)->point_to(child->incarnation);
  } catch (...) {  // the supervisor counts it as the first crash
    child->incarnation = nullptr;
    child->health.last_error = detail::describe_exception(std::current_exception());
  }
  brontes::tell(core_->actor, detail::AdoptChild{std::move(child)});
  return facade;
}

std::vector<ChildHealth> Supervisor::health() const {
  const std::lock_guard lock(core_->board->children_mutex);
  return core_->board->children;
}

}  // namespace brontes
