#include <algorithm>
#include <brontes/actors/published.hpp>
#include <brontes/actors/resilience/detail/checks.hpp>
#include <brontes/actors/resilience/per_key.hpp>
#include <mutex>
#include <unordered_map>

namespace brontes {

// A guard only so that a permit can hold it.
struct PerKey::Room final : Guard {
  explicit Room(std::shared_ptr<Guard> its_guard) : guard(std::move(its_guard)) {}
  const std::string& name() const override { return guard->name(); }
  Entry enter(const CallTerms& terms, bool can_wait, Permit& permit, Status& why) override {
    return guard->enter(terms, can_wait, permit, why);
  }
  void leave(const Permit& permit, Ending ending) noexcept override {
    guard->leave(permit, ending);
    calls.fetch_sub(1, std::memory_order_relaxed);
  }
  GuardNumbers numbers() const override { return guard->numbers(); }

  const std::shared_ptr<Guard> guard;
  std::atomic<std::uint32_t> calls{0};  ///< that are in, or wait
  std::atomic<std::uint64_t> used{0};   ///< when, in calls of all keys
};

struct PerKey::State {
  using Rooms = std::unordered_map<std::string, std::shared_ptr<Room>>;

  Expected<std::shared_ptr<Room>> add(const std::string& key);
  static void make_place(Rooms& rooms, std::size_t most);

  std::string name;
  Factory factory;
  std::size_t max_keys = 0;
  std::shared_ptr<Room> common;  ///< of the key "", and of those for which there is no place
  std::atomic<std::uint64_t> turn{0};
  std::mutex mutex;  // of those who add
  Published<Rooms> rooms{std::make_shared<const Rooms>()};
};

void PerKey::State::make_place(Rooms& rooms, std::size_t most) {
  if (rooms.size() < most) return;
  auto oldest = rooms.end();
  for (auto it = rooms.begin(); it != rooms.end(); ++it)
    if (it->second->calls.load() == 0 &&
        (oldest == rooms.end() || it->second->used.load() < oldest->second->used.load()))
      oldest = it;
  if (oldest != rooms.end()) rooms.erase(oldest);
}

Expected<std::shared_ptr<PerKey::Room>> PerKey::State::add(const std::string& key) {
  const std::lock_guard lock(mutex);
  auto next = std::make_shared<Rooms>(*rooms.get());
  if (const auto found = next->find(key); found != next->end()) return found->second;
  make_place(*next, max_keys);
  if (next->size() >= max_keys) return common;
  auto guard = factory(key);
  if (!guard) return fail(guard.error());
  auto room = std::make_shared<Room>(std::move(*guard));
  room->used.store(turn.load());
  next->emplace(key, room);
  rooms.publish(std::move(next));
  return room;
}

PerKey::PerKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PerKey::~PerKey() = default;

Expected<std::shared_ptr<PerKey>> PerKey::make_with(std::string name, Factory factory,
                                                    std::size_t max_keys) {
  if (name.empty()) return fail(Errc::kInvalidArgument, "make guards per key: the name is empty");
  const auto keys = static_cast<double>(max_keys);
  if (const Status status = detail::within("max_keys", keys, 1, 1e5); !status.ok())
    return fail(status.code(), "make guards per key " + name + ": " + status.message());
  auto common = factory("");
  if (!common) return fail(common.error());
  auto state = std::make_unique<State>();
  state->name = std::move(name);
  state->factory = std::move(factory);
  state->max_keys = max_keys;
  state->common = std::make_shared<Room>(std::move(*common));
  return std::shared_ptr<PerKey>(new PerKey(std::move(state)));
}

const std::string& PerKey::name() const { return state_->name; }

Expected<std::shared_ptr<PerKey::Room>> PerKey::room(const std::string& key) {
  if (key.empty()) return state_->common;
  auto found = state_->rooms.read([&](const State::Rooms& rooms) {
    const auto it = rooms.find(key);
    return it == rooms.end() ? nullptr : it->second;
  });
  if (!found) {
    auto added = state_->add(key);
    if (!added) return added;
    found = std::move(*added);
  }
  found->used.store(state_->turn.fetch_add(1, std::memory_order_relaxed) + 1,
                    std::memory_order_relaxed);
  return found;
}

Entry PerKey::enter(const CallTerms& terms, bool can_wait, Permit& permit, Status& why) {
  const auto found = room(terms.key);
  if (!found) {
    why = found.error();
    return Entry::kRefused;
  }
  Room& room = **found;
  room.calls.fetch_add(1, std::memory_order_relaxed);
  const Entry entry = room.enter(terms, can_wait, permit, why);
  if (entry == Entry::kIn)
    permit.by = *found;
  else
    room.calls.fetch_sub(1, std::memory_order_relaxed);
  return entry;
}

void PerKey::wait(const CallTerms& terms, const std::shared_ptr<GuardWaiter>& waiter) {
  const auto found = room(terms.key);
  if (!found) {
    waiter->refuse(found.error());
    return;
  }
  (*found)->calls.fetch_add(1, std::memory_order_relaxed);
  const auto told = [room = *found, waiter](Status why, Permit permit) {
    if (!why.ok()) {
      room->calls.fetch_sub(1, std::memory_order_relaxed);
      waiter->refuse(std::move(why));
      return;
    }
    Permit outer = permit;
    outer.by = room;
    if (!waiter->let_in(std::move(outer)))
      room->leave(permit, {.code = Errc::kCancelled, .refused = true});
  };
  (*found)->guard->wait(terms, std::make_shared<GuardWaiter>(told));
}

void PerKey::leave(const Permit& permit, Ending ending) noexcept {
  permit.by->leave(permit, ending);
}

GuardNumbers PerKey::numbers() const {
  GuardNumbers sum = state_->common->numbers();
  for (const auto& [key, room] : *state_->rooms.get()) {
    const auto one = room->numbers();
    for (const auto& [name, count] : one.refused) sum.refused[name] += count;
    for (const auto& [name, count] : one.turned) sum.turned[name] += count;
    for (const auto& [name, value] : one.now) sum.now[name] += value;
  }
  sum.now["keys"] = static_cast<double>(state_->rooms.get()->size());
  sum.now.erase("state");
  return sum;
}

Expected<std::shared_ptr<Guard>> PerKey::of(const std::string& key) {
  auto found = room(key);
  if (!found) return fail(found.error());
  return (*found)->guard;
}

}  // namespace brontes
