#include <algorithm>
#include <brontes/discovery/balancing/detail/endpoint_set.hpp>
#include <string_view>
#include <unordered_map>

namespace brontes {
namespace {

// Of two records with one address the newer process counts; of two equal ones the one in service.
bool supersedes(const InstancePtr& candidate, const InstancePtr& known) {
  const auto newer = incarnation(*candidate), older = incarnation(*known);
  if (newer != older) return newer > older;
  return candidate->healthy && !known->healthy;
}

std::unordered_map<std::string_view, InstancePtr> by_address(const Snapshot& snapshot) {
  std::unordered_map<std::string_view, InstancePtr> found;
  found.reserve(snapshot.instances.size());
  for (const auto& instance : snapshot.instances) {
    const auto [at, fresh] = found.emplace(instance->address, instance);
    if (!fresh && supersedes(instance, at->second)) at->second = instance;
  }
  return found;
}

}  // namespace

void EndpointSet::apply(const Snapshot& snapshot, TimePoint now) {
  auto named = by_address(snapshot);
  for (auto& [address, entry] : entries_) {
    const auto at = named.find(address);
    if (at != named.end()) {
      renew(entry, at->second);
      named.erase(at);
    } else if (!entry.retired) {
      entry.retired = true;
      entry.retired_at = now;
      ++retired_;
    }
  }
  // In the snapshot's order: that in which they are connected to is the same each time.
  for (const InstancePtr& instance : snapshot.instances)
    if (const auto at = named.find(instance->address); at != named.end() && at->second == instance)
      add(instance);
  connect_some(now);
}

void EndpointSet::renew(Entry& entry, const InstancePtr& instance) {
  if (entry.retired) {
    entry.retired = false;
    --retired_;
    // While it was retired nobody dialled: its server may have closed the connection meanwhile.
    if (entry.endpoint->connectivity() == Connectivity::kIdle)
      to_connect_.push_back(instance->address);
  }
  if (entry.instance == instance) return;
  if (incarnation(*entry.instance) != incarnation(*instance)) {
    entry.endpoint->shared_stats()->restart();
    if (auto* connection = entry.endpoint->connection()) connection->reset_backoff();
  }
  entry.instance = instance;
}

void EndpointSet::add(const InstancePtr& instance) {
  Entry entry;
  entry.endpoint = std::make_shared<Endpoint>(instance->address, options_.load);
  entry.instance = instance;
  entries_.emplace(instance->address, std::move(entry));
  to_connect_.push_back(instance->address);
}

void EndpointSet::connect_some(TimePoint now) {
  while (!resting_ && connecting_ < options_.max_connecting && !to_connect_.empty()) {
    const auto at = entries_.find(to_connect_.front());
    // It may be listed twice, and be connected by now: then nothing would give its place back.
    const bool due = at != entries_.end() && !at->second.connecting &&
                     at->second.endpoint->connectivity() == Connectivity::kIdle;
    if (due && !pace_.take(now)) return;
    to_connect_.pop_front();
    if (due) connect(at->second);
  }
}

TimePoint EndpointSet::connects_at(TimePoint now) const {
  const bool waits = !resting_ && connecting_ < options_.max_connecting && !to_connect_.empty();
  return waits ? pace_.next(now) : TimePoint::max();
}

void EndpointSet::rest() {
  resting_ = true;
  to_connect_.clear();
  connecting_ = 0;
  for (auto& [address, entry] : entries_) {
    entry.connecting = false;
    entry.endpoint = std::make_shared<Endpoint>(address, options_.load);
  }
}

void EndpointSet::wake(TimePoint now) {
  resting_ = false;
  for (const auto& [address, entry] : entries_)
    if (!entry.retired) to_connect_.push_back(address);
  connect_some(now);
}

void EndpointSet::connect(Entry& entry) {
  entry.connecting = true;
  ++connecting_;
  Endpoint& endpoint = *entry.endpoint;
  if (!endpoint.connection()) {
    const std::weak_ptr<Endpoint> weak = entry.endpoint;
    endpoint.adopt(options_.transport->open(
        {endpoint.address(), options_.authority, endpoint.shared_stats(),
         [weak, told = options_.on_connectivity](Connectivity state) { told(weak, state); }}));
  }
  endpoint.connection()->connect();
}

bool EndpointSet::connectivity_changed(const EndpointPtr& endpoint, Connectivity state,
                                       TimePoint now) {
  const auto at = entries_.find(endpoint->address());
  if (at == entries_.end() || at->second.endpoint != endpoint) return false;
  Entry& entry = at->second;
  endpoint->set_connectivity(state);
  if (state != Connectivity::kConnecting && entry.connecting) {
    entry.connecting = false;
    --connecting_;
  }
  if (state == Connectivity::kIdle && !entry.retired) to_connect_.push_back(at->first);
  connect_some(now);
  return true;
}

void EndpointSet::close_retired(TimePoint now) {
  for (auto at = entries_.begin(); at != entries_.end();) {
    const Entry& entry = at->second;
    const bool over = entry.retired && (entry.endpoint->stats().in_flight() == 0 ||
                                        now - entry.retired_at >= options_.close_after);
    at = over ? close(at) : std::next(at);
  }
  connect_some(now);
}

EndpointSet::Entries::iterator EndpointSet::close(Entries::iterator at) {
  if (at->second.connecting) --connecting_;
  --retired_;
  return entries_.erase(at);
}

std::vector<Candidate> EndpointSet::candidates() const {
  std::vector<Candidate> ready;
  ready.reserve(entries_.size());
  for (const auto& [address, entry] : entries_)
    if (!entry.retired && entry.instance->healthy &&
        entry.endpoint->connectivity() == Connectivity::kReady)
      ready.push_back({entry.endpoint, entry.instance, double(entry.instance->weight)});
  const auto weightless = [](const Candidate& each) { return each.weight == 0; };
  if (!std::all_of(ready.begin(), ready.end(), weightless)) std::erase_if(ready, weightless);
  return ready;
}

std::size_t EndpointSet::wanted() const {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(),
      [](const auto& at) { return !at.second.retired && at.second.instance->healthy; }));
}

std::vector<std::string> EndpointSet::hopefuls(std::size_t most) const {
  std::vector<std::string> addresses;
  for (const auto& [address, entry] : entries_) {
    if (addresses.size() == most) break;
    if (!entry.retired && entry.instance->healthy) addresses.push_back(address);
  }
  return addresses;
}

bool EndpointSet::has_hope() const {
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& at) {
    const Entry& entry = at.second;
    return !entry.retired && entry.instance->healthy &&
           entry.endpoint->connectivity() != Connectivity::kFailing;
  });
}

EndpointVerdicts EndpointSet::verdicts() const {
  EndpointVerdicts all;
  all.reserve(entries_.size());
  for (const auto& [address, entry] : entries_) {
    if (entry.retired) continue;
    EndpointVerdict& verdict = all.emplace_back();
    verdict.endpoint = entry.endpoint;
    verdict.drained = !entry.instance->healthy;
    if (verdict.drained)
      verdict.why = "its record says that it is not healthy";
    else if (entry.endpoint->connectivity() == Connectivity::kFailing)
      verdict.why = "the last attempt to connect failed";
    else if (entry.instance->weight == 0)
      verdict.why = "its weight is 0";
  }
  return all;
}

std::string EndpointSet::describe() const {
  std::map<std::string_view, std::size_t> counted;
  std::string example;
  for (const auto& [address, entry] : entries_) {
    if (entry.retired) continue;
    const auto state = entry.endpoint->connectivity();
    ++counted[entry.instance->healthy ? to_string(state) : "drained"];
    if (example.empty() && state == Connectivity::kFailing) example = " (" + address + ")";
  }
  const std::size_t known = entries_.size() - retired_;
  std::string text = std::to_string(known) + (known == 1 ? " endpoint" : " endpoints");
  const char* separator = ": ";
  for (const auto& [state, count] : counted) {
    text += separator + std::to_string(count) + " " + std::string(state);
    if (state == to_string(Connectivity::kFailing)) text += example;
    separator = ", ";
  }
  return text;
}

void EndpointSet::clear() {
  entries_.clear();
  to_connect_.clear();
  connecting_ = retired_ = 0;
  options_ = {};
}

}  // namespace brontes
