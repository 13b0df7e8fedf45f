// What Consul's answers say: a mirror of each service, and who waits for something to stand there.
#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/discovery/registries/consul/detail/consul_registry_actor.hpp>
#include <utility>

namespace brontes::consul {
namespace {

constexpr Duration kShown = std::chrono::seconds(3);  // for servers to show what the agent was told
constexpr Duration kLongestRest = std::chrono::seconds(60);
constexpr std::size_t kComplaints = 1000;

/// Two nodes may have the same record: a process that moved to another agent, or two that share an
/// id. The newer one counts.
std::map<std::string, Instance> by_key(std::vector<Entry> entries, const std::string& name) {
  std::map<std::string, Instance> result;
  for (Entry& entry : entries) {
    if (entry.state == Entry::State::kGone || entry.instance.name != name) continue;
    const auto [at, fresh] = result.try_emplace(record_key(entry.instance), entry.instance);
    if (!fresh && incarnation(entry.instance) > incarnation(at->second))
      at->second = std::move(entry.instance);
  }
  return result;
}

}  // namespace

Status ConsulRegistryActor::take(const std::string& name, const Answer& answer,
                                 std::uint64_t known) {
  Mirror& one = mirror(name);
  if (!answer.status.ok()) {
    note_failure(name, answer);
    return answer.status;
  }
  const std::uint64_t index = std::max<std::uint64_t>(answer.index, 1);
  const bool fell = index < known && index < one.index;
  const bool old_news = !fell && index <= one.index;  // overtaken, or no change at all
  if (fell) lost_history(name, index);
  if (!old_news) {
    const Status status = name.empty() ? take_names(answer) : take_entries(name, answer.body);
    if (!status.ok()) {
      Answer bad = answer;
      bad.status = status;
      note_failure(name, bad);
      return status;
    }
    one.index = index;
  }
  one.agent = answer.agent;
  one.epoch = epoch_;
  one.trusted = true;
  one.rests_until = {};
  one.rest.reset();
  one.denied_rest.reset();
  publish(name);
  look_at_waiters(name);
  return {};
}

void ConsulRegistryActor::lost_history(const std::string& name, std::uint64_t index) {
  Mirror& one = mirror(name);
  if (one.epoch == epoch_) ++epoch_;  // else another mirror has noticed
  log_warn(kRegistryName,
           "Consul's index fell, its data was lost or restored service={} index={} "
           "was={} epoch={}",
           name, index, one.index, epoch_);
  break_watches(name, {Errc::kOutOfRange, "Consul lost its history; list anew"});
}

Status ConsulRegistryActor::take_entries(const std::string& name, const std::string& body) {
  auto entries = read_entries(body, options_.prefix);
  if (!entries) return entries.error();
  complain(entries->unreadable);
  const auto present = by_key(std::move(entries->entries), name);
  // What somebody garbled is as it was last, until its owner puts it right or it is gone.
  const auto garbled = [&](const Record& record) {
    return std::any_of(
        entries->unreadable.begin(), entries->unreadable.end(), [&](const auto& one) {
          return one.id == record.instance->instance_id && one.state != Entry::State::kGone;
        });
  };
  for (const Record& record : store_.list({name}).records)
    if (!present.contains(record.key) && !garbled(record)) store_.remove(mirrored_, record.key);
  for (const auto& [key, instance] : present) (void)store_.put(mirrored_, instance);
  return {};
}

Status ConsulRegistryActor::take_names(const Answer& answer) {
  auto names = read_names(answer.body, options_.prefix);
  if (!names) return names.error();
  const auto before = std::exchange(names_, std::move(*names));
  for (const std::string& name : before) {
    Mirror& one = mirror(name);
    if (names_.contains(name) || one.index >= answer.index) continue;
    (void)take_entries(name, "[]");
    publish(name);
  }
  for (const std::string& name : names_) pump(name);
  return {};
}

void ConsulRegistryActor::note_failure(const std::string& name, const Answer& answer) {
  Mirror& one = mirror(name);
  one.trusted = false;
  one.failure = answer.status;
  const auto rest = [&]() -> Duration {
    const Duration second = std::chrono::seconds(1);
    switch (answer.status.code()) {
      case Errc::kResourceExhausted:
        return answer.retry_after > Duration{} ? std::min(answer.retry_after, kLongestRest)
                                               : second + jitter(random_, 4 * second);
      case Errc::kPermissionDenied:
      case Errc::kUnauthenticated:
        return std::max(second, one.denied_rest.next());
      default:
        return one.rest.next();
    }
  };
  one.rests_until = brontes::now(this) + rest();
}

void ConsulRegistryActor::complain(const std::vector<Unreadable>& unreadable) {
  for (const Unreadable& one : unreadable) {
    if (complaints_.size() >= kComplaints) complaints_.clear();
    if (complaints_.insert(one.why.message()).second)
      log_warn(kRegistryName, "record skipped count={} cause=\"{}\"", ++unreadable_,
               one.why.message());
  }
}

void ConsulRegistryActor::await(const std::string& name, std::function<bool()> holds, Done done) {
  const std::uint64_t number = ++last_number_;
  mirror(name).waiters.push_back({number, std::move(holds), std::move(done)});
  send_after(this, itself(), kShown, WaitOver{name, number});
  refresh(name, [this, name](const Status&) { pump(name); });
}

void ConsulRegistryActor::look_at_waiters(const std::string& name) {
  std::vector<Mirror::Waiter> all = std::exchange(mirror(name).waiters, {}), ready;
  for (Mirror::Waiter& waiter : all)
    (waiter.holds() ? ready : mirror(name).waiters).push_back(std::move(waiter));
  for (const Mirror::Waiter& waiter : ready) waiter.done({});
}

void ConsulRegistryActor::wait_over(const WaitOver& over) {
  Mirror& one = mirror(over.name);
  const auto found = std::find_if(one.waiters.begin(), one.waiters.end(),
                                  [&](const auto& waiter) { return waiter.number == over.waiter; });
  if (found == one.waiters.end()) return;
  const Done done = std::move(found->done);
  one.waiters.erase(found);
  std::string why = "Consul's agent was told, but its servers do not show it";
  if (!options_.datacenter.empty())
    why += " in datacenter " + options_.datacenter + "; an agent registers in its own";
  if (!one.trusted) why += ": " + one.failure.message();
  done({Errc::kDeadlineExceeded, why});
}

}  // namespace brontes::consul
