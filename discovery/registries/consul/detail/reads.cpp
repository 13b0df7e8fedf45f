// How Consul is asked: by lists, and by questions that wait at the agent for the next change.
#include <brontes/discovery/detail/names.hpp>
#include <brontes/discovery/registries/consul/detail/consul_registry_actor.hpp>
#include <utility>

namespace brontes::consul {
namespace {

constexpr Duration kWait = std::chrono::seconds(30);  // of a question that waits at the agent
constexpr std::size_t kMirrors = 10'000;

/// Consul adds up to a sixteenth to the wait, and may look for a leader.
constexpr Duration patience_of(bool waits) {
  return waits ? kWait + kWait / 16 + std::chrono::seconds(10) : Duration(std::chrono::seconds(3));
}

}  // namespace

caf::result<RecordsListed> ConsulRegistryActor::list(const ListRecords& wish) {
  auto promise = make_response_promise<caf::response_promise>();
  const auto done = [this, promise, query = wish.query](const Status& status) mutable {
    if (!status.ok()) return promise.deliver(to_error(status));
    RecordsListed listed = store_.list(query);
    listed.epoch = epoch_;
    promise.deliver(std::move(listed));
  };
  // Whoever watches lists to see whether the watch is right.
  refresh_all(wish.query.name, done, Reading::kConsistent);
  return promise;
}

Mirror& ConsulRegistryActor::mirror(const std::string& name) {
  if (const auto found = mirrors_.find(name); found != mirrors_.end()) return found->second;
  if (mirrors_.size() >= kMirrors) {
    const auto idle = std::find_if(mirrors_.begin(), mirrors_.end(), [this](const auto& entry) {
      return !entry.second.asking && !is_wanted(entry.first);
    });
    if (idle != mirrors_.end()) mirrors_.erase(idle);
  }
  (void)jitter(random_, Duration(1));
  return mirrors_.try_emplace(name, random_).first->second;
}

void ConsulRegistryActor::refresh(const std::string& name, Done done, Reading reading) {
  Mirror& one = mirror(name);
  if (one.rests_until > brontes::now(this)) return done(one.failure);
  client_.ask({.kind = Question::Kind::kRead, .target = target_of(name, 0, reading)},
              [this, name, known = one.index, done = std::move(done)](const Answer& answer) {
                done(take(name, answer, known));
              });
}

void ConsulRegistryActor::refresh_all(const std::string& name, Done done, Reading reading) {
  if (!name.empty()) return refresh(name, std::move(done), reading);
  const auto then = [this, done = std::move(done), reading](const Status& status) {
    if (!status.ok() || names_.empty()) return done(status);
    auto pending = std::make_shared<std::size_t>(names_.size());
    auto failure = std::make_shared<Status>();
    const auto joined = [pending, failure, done](const Status& refreshed) {
      if (!refreshed.ok()) *failure = refreshed;
      if (--*pending == 0) done(*failure);
    };
    const auto names = names_;
    for (const std::string& one : names) refresh(one, joined, reading);
  };
  refresh("", then, reading);
}

std::string ConsulRegistryActor::target_of(const std::string& name, std::uint64_t index,
                                           Reading reading) const {
  std::string target =
      name.empty() ? "/v1/catalog/services" : "/v1/health/service/" + detail::percent_encode(name);
  char separator = '?';
  const auto add = [&](const std::string& key, const std::string& value) {
    target += separator + key + "=" + detail::percent_encode(value);
    separator = '&';
  };
  if (!options_.datacenter.empty()) add("dc", options_.datacenter);
  if (reading == Reading::kConsistent) target += separator + std::string("consistent");
  if (index == 0) return target;
  add("index", std::to_string(index));
  add("wait",
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(kWait).count()) + "s");
  return target;
}

void ConsulRegistryActor::pump(const std::string& name) {
  Mirror& one = mirror(name);
  if (one.asking || one.pump_armed || !is_wanted(name)) return;
  const TimePoint now = brontes::now(this), due = std::max(one.pace.next(now), one.rests_until);
  if (due > now) {
    one.pump_armed = true;
    return send_after(this, itself(), due - now, PumpDue{name});
  }
  one.pace.took(now);
  one.asking = true;
  // After a failure, and at another agent, it does not wait: the index that we know may be ahead of
  // servers that lost their data, and nothing would wake us.
  const bool waits = one.trusted && one.agent == client_.reader();
  client_.ask(
      {.kind = waits ? Question::Kind::kBlocking : Question::Kind::kRead,
       .target = target_of(name, waits ? one.index : 0),
       .patience = patience_of(waits)},
      [this, name, known = one.index](const Answer& answer) {
        if (!empties(name, answer)) return pumped(name, answer, known);
        // That all of it is gone is believed when a majority of the servers says so.
        client_.ask(
            {.kind = Question::Kind::kRead, .target = target_of(name, 0, Reading::kConsistent)},
            [this, name, known](const Answer& proof) { pumped(name, proof, known); });
      });
}

bool ConsulRegistryActor::empties(const std::string& name, const Answer& answer) const {
  return answer.status.ok() && answer.body.starts_with("[]") &&
         !store_.list({name}).records.empty();
}

void ConsulRegistryActor::pumped(const std::string& name, const Answer& answer,
                                 std::uint64_t known) {
  mirror(name).asking = false;
  const Status status = take(name, answer, known);
  if (!status.ok()) break_watches(name, status);
  pump(name);
}

}  // namespace brontes::consul
