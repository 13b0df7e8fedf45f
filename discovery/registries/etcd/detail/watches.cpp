// Watches: a stream each, resumed where the watcher was, and given up when it says nothing.
#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/discovery/registries/etcd/detail/answers.hpp>
#include <brontes/discovery/registries/etcd/detail/etcd_registry_actor.hpp>

namespace brontes::etcd {
namespace {

constexpr std::size_t kLimit = 10'000;
constexpr Duration kStart = std::chrono::seconds(3);    // for etcd to say that it watches
constexpr Duration kSilence = std::chrono::seconds(5);  // then it is asked whether it is there
constexpr Duration kAnswer = std::chrono::seconds(3);   // to that
constexpr int kUnanswered = 2;
constexpr std::size_t kFragmentLimit = 64 * 1024 * 1024;

std::string first_message(const KeyRange& range, std::uint64_t after) {
  wire::WatchRequest request;
  wire::WatchCreateRequest& create = *request.mutable_create_request();
  create.set_key(range.begin);
  create.set_range_end(range.end);
  // From the revision that is known, not the next one: if that was compacted meanwhile, etcd 3.4
  // may have lost the removal at exactly the next one without a word. What is known is dropped.
  create.set_start_revision(static_cast<std::int64_t>(std::max<std::uint64_t>(after, 1)));
  create.set_progress_notify(true);
  create.set_fragment(true);
  return request.SerializeAsString();
}

std::string progress_question() {
  wire::WatchRequest request;
  request.mutable_progress_request();
  return request.SerializeAsString();
}

Status why_cancelled(const wire::WatchResponse& response) {
  if (response.compact_revision() > 0)
    return {Errc::kOutOfRange, "changes up to revision " +
                                   std::to_string(response.compact_revision()) +
                                   " are compacted; list anew"};
  return status_of_reason(response.cancel_reason());
}

}  // namespace

caf::result<WatchStarted> EtcdRegistryActor::start_watch(const WatchRecords& wish) {
  stop_watch({wish.watch, wish.watcher});
  if (watches_.size() >= kLimit)
    return to_error(
        {Errc::kResourceExhausted, "watch " + wish.query.to_string() + ": too many watches"});
  if (monitored_.insert(wish.watcher.address()).second) brontes::monitor(this, wish.watcher);
  const std::uint64_t number = client_.next_number();
  EtcdWatch& watch = watches_[number];
  watch.wish = wish;
  watch.revision = wish.after_revision;
  watch.started = make_response_promise<caf::response_promise>();
  const caf::response_promise promise = watch.started;
  client_.open_stream(
      number, kWatch, first_message(keys_.range(wish.query), wish.after_revision),
      [this, number](Expected<Stream> stream) { opened(number, std::move(stream)); });
  return promise;
}

void EtcdRegistryActor::opened(std::uint64_t number, Expected<Stream> stream) {
  const auto at = watches_.find(number);
  if (at == watches_.end()) return;
  if (!stream) return break_off(at, stream.error());
  at->second.stream = std::move(*stream);
  at->second.heard_at = brontes::now(this);
  send_after(this, itself(), kStart, Overdue{number});
}

void EtcdRegistryActor::stop_watch(const StopWatch& wish) {
  for (auto at = watches_.begin(); at != watches_.end();) {
    EtcdWatch& watch = at->second;
    const bool meant = watch.wish.watch == wish.watch && watch.wish.watcher == wish.watcher;
    if (meant && !watch.established)
      watch.started.deliver(to_error({Errc::kCancelled, "the watch was stopped"}));
    at = meant ? watches_.erase(at) : std::next(at);
  }
}

void EtcdRegistryActor::forget(const caf::actor_addr& watcher) {
  monitored_.erase(watcher);
  std::erase_if(watches_,
                [&](const auto& entry) { return entry.second.wish.watcher.address() == watcher; });
}

void EtcdRegistryActor::heard(const Heard& heard) {
  if (client_.heard(heard)) return;
  const auto at = watches_.find(heard.exchange);
  if (at == watches_.end()) return;
  if (!heard.last) return message_on(at, heard.body);
  const Stream& stream = at->second.stream;
  const Status cause = client_.told_by(stream.member, heard.status);
  client_.stream_failed(stream, cause);
  // A member without a leader ends streams after three election timeouts without one.
  break_off(at, is_leaderless(cause) ? Status(Errc::kFailedPrecondition, cause.message()) : cause);
}

void EtcdRegistryActor::overdue(Overdue due) {
  if (client_.overdue(due.exchange)) return;
  if (const auto at = watches_.find(due.exchange); at != watches_.end()) look_after(at);
}

void EtcdRegistryActor::message_on(Watches::iterator at, const std::string& body) {
  EtcdWatch& watch = at->second;
  wire::WatchResponse response;
  const bool readable = response.ParseFromString(body);
  if (readable && response.created() && !response.canceled()) {
    note(response.header());
    return created(at, static_cast<std::uint64_t>(response.header().revision()));
  }
  Status status =
      readable ? take(watch, response) : Status(Errc::kInternal, "etcd's message cannot be read");
  if (!status.ok()) {
    client_.stream_failed(watch.stream, status);
    return break_off(at, status);
  }
  watch.heard_at = brontes::now(this);
  watch.unanswered = 0;
  watch.stream.exchange->listen();
}

/// Changes are listened to when the watcher knows of which data they are.
void EtcdRegistryActor::created(Watches::iterator at, std::uint64_t revision) {
  client_.stream_worked(at->second.stream);
  look_at_mark([this, number = at->first, revision](const Status& status) {
    const auto found = watches_.find(number);
    if (found == watches_.end()) return;
    if (!status.ok()) return break_off(found, status);
    EtcdWatch& watch = found->second;
    watch.established = true;
    watch.heard_at = brontes::now(this);
    watch.started.deliver(WatchStarted{watch.wish.watch, revision, epoch_});
    watch.stream.exchange->listen();
  });
}

Status EtcdRegistryActor::take(EtcdWatch& watch, wire::WatchResponse& response) {
  const auto revision = static_cast<std::uint64_t>(response.header().revision());
  note(response.header());
  if (response.canceled()) return why_cancelled(response);
  // Lost its data, or a member that lags: the watcher finds out by listing.
  if (revision < watch.revision)
    return {Errc::kUnavailable, "etcd is at revision " + std::to_string(revision) +
                                    ", but was at " + std::to_string(watch.revision)};
  if (response.events_size() > 0 || response.fragment()) return take_events(watch, response);
  // What etcd says by itself is in order with the events; an answer to our question (-1) is not.
  if (response.watch_id() >= 0 && revision > watch.revision) {
    watch.revision = revision;
    brontes::send(this, watch.wish.watcher, WatchProgress{watch.wish.watch, revision});
  }
  return {};
}

Status EtcdRegistryActor::take_events(EtcdWatch& watch, wire::WatchResponse& response) {
  watch.fragment_bytes += response.ByteSizeLong();
  if (watch.fragment_bytes > kFragmentLimit)
    return {Errc::kOutOfRange, "too many changes in one revision; list anew"};
  for (wire::Event& event : *response.mutable_events()) watch.fragments.push_back(std::move(event));
  if (response.fragment()) return {};
  watch.fragment_bytes = 0;
  send_changes(watch, std::exchange(watch.fragments, {}));
  return {};
}

/// The header's revision may be ahead of the events: only theirs counts.
void EtcdRegistryActor::send_changes(EtcdWatch& watch, const std::vector<wire::Event>& events) {
  const WatchRecords& wish = watch.wish;
  RecordsChanged changed{wish.watch, watch.revision, {}};
  for (const wire::Event& event : events) {
    const auto revision = static_cast<std::uint64_t>(event.kv().mod_revision());
    if (revision <= watch.revision) continue;  // seen before
    changed.revision = revision;
    const auto key = keys_.record_key(event.kv().key());
    if (!key || !wish.query.covers(*key)) continue;
    const bool removed = event.type() == wire::Event::DELETE;
    if (removed) unreadable_.forget(*key);
    changed.events.push_back({removed ? RecordEvent::Type::kRemoved : RecordEvent::Type::kPut,
                              {*key, removed ? nullptr : read(*key, event.kv()), revision}});
  }
  watch.revision = changed.revision;
  if (!changed.events.empty()) brontes::send(this, wish.watcher, std::move(changed));
}

void EtcdRegistryActor::look_after(Watches::iterator at) {
  EtcdWatch& watch = at->second;
  const Duration silence = brontes::now(this) - watch.heard_at;
  if (!watch.established || watch.unanswered >= kUnanswered) {
    const Status cause =
        client_.told_by(watch.stream.member, {Errc::kDeadlineExceeded, "the watch says nothing"});
    client_.stream_failed(watch.stream, cause);
    return break_off(at, {Errc::kUnavailable, cause.message()});
  }
  if (silence < kSilence && watch.unanswered == 0)
    return send_after(this, itself(), kSilence - silence, Overdue{at->first});
  ++watch.unanswered;
  watch.stream.exchange->send(progress_question());
  send_after(this, itself(), kAnswer, Overdue{at->first});
}

void EtcdRegistryActor::break_off(Watches::iterator at, const Status& cause) {
  auto node = watches_.extract(at);
  EtcdWatch& watch = node.mapped();
  log_debug(kRegistryName, "watch over query={} cause=\"{}\"", watch.wish.query.to_string(),
            cause.to_string());
  if (!watch.established) return watch.started.deliver(to_error(cause));
  brontes::send(this, watch.wish.watcher, WatchBroken{watch.wish.watch, cause});
}

}  // namespace brontes::etcd
