#include "watch_stream.hpp"

#include <algorithm>
#include <utility>

#include "request_form.hpp"

namespace brontes::registry {
namespace {

// Of one response. A revision stays whole, however many events it has.
constexpr int kEvents = 1000;
constexpr std::size_t kBytes = 1024 * 1024;
constexpr std::int64_t kNoWatch = -1;

std::unique_ptr<api::WatchResponse> response(std::int64_t id, const Store& store) {
  auto result = std::make_unique<api::WatchResponse>();
  result->mutable_header()->set_revision(static_cast<std::int64_t>(store.revision()));
  result->set_watch_id(id);
  return result;
}

void add(api::WatchResponse& to, const Store::Change& change, bool with_previous) {
  api::Event& event = *to.add_events();
  if (change.after) {
    *event.mutable_kv() = key_value(*change.after);
  } else {
    event.set_type(api::Event::DELETE);
    event.mutable_kv()->set_key(change.key());
    event.mutable_kv()->set_mod_revision(static_cast<std::int64_t>(change.revision));
  }
  if (with_previous && change.before) *event.mutable_prev_kv() = key_value(*change.before);
}

}  // namespace

void WatchStream::take(const api::WatchRequest& request, const Store& store) {
  switch (request.request_union_case()) {
    case api::WatchRequest::kCreateRequest:
      return create(request.create_request(), store);
    case api::WatchRequest::kCancelRequest: {
      const std::int64_t id = request.cancel_request().watch_id();
      if (watches_.erase(id) == 0) return;
      auto gone = response(id, store);
      gone->set_canceled(true);
      answers_.push_back(std::move(gone));
      return;
    }
    case api::WatchRequest::kProgressRequest:
      progress_asked_ = true;
      return;
    case api::WatchRequest::REQUEST_UNION_NOT_SET:
      return;
  }
}

void WatchStream::create(const api::WatchCreateRequest& request, const Store& store) {
  const auto refuse = [&](const char* why) {
    auto refusal = response(kNoWatch, store);
    refusal->set_created(true);
    refusal->set_canceled(true);
    refusal->set_cancel_reason(why);
    answers_.push_back(std::move(refusal));
  };
  const std::string key = request.key().empty() ? std::string(1, '\0') : request.key();
  Watch watch{key_span(key, request.range_end()), store.revision() + 1};
  if (!watch.span.open && !watch.span.end.empty() && watch.span.end <= watch.span.begin)
    return refuse("mvcc: watcher range is empty");
  if (watches_.size() >= kWatches)
    return refuse("brontes registry: this stream has 10000 watches; open another one");
  if (request.watch_id() != 0 && watches_.contains(request.watch_id()))
    return refuse("mvcc: duplicate watch ID provided on the WatchStream");
  if (request.start_revision() > 0)
    watch.next = static_cast<std::uint64_t>(request.start_revision());
  for (const int filter : request.filters())
    (filter == api::WatchCreateRequest::NOPUT ? watch.puts : watch.removals) = false;
  watch.with_previous = request.prev_kv();
  watch.progress = request.progress_notify();

  std::int64_t id = request.watch_id();
  if (id == 0) {  // ids that are not asked for begin with 0
    while (watches_.contains(next_id_)) ++next_id_;
    id = next_id_++;
  }
  watches_.emplace(id, std::move(watch));
  auto created = response(id, store);
  created->set_created(true);
  answers_.push_back(std::move(created));
}

std::unique_ptr<api::WatchResponse> WatchStream::next(const Store& store) {
  if (!answers_.empty()) {
    auto first = std::move(answers_.front());
    answers_.pop_front();
    return first;
  }
  const auto after_last = watches_.upper_bound(last_heard_);
  for (auto at = after_last; at != watches_.end(); ++at)
    if (auto heard = hear(at, store)) return heard;
  for (auto at = watches_.begin(); at != after_last; ++at)
    if (auto heard = hear(at, store)) return heard;
  if (!std::exchange(progress_asked_, false)) return nullptr;
  return response(kNoWatch, store);
}

std::unique_ptr<api::WatchResponse> WatchStream::hear(Watches::iterator at, const Store& store) {
  auto& [id, watch] = *at;
  if (watch.next <= store.forgotten()) {
    auto lost = response(id, store);
    lost->set_canceled(true);
    lost->set_compact_revision(static_cast<std::int64_t>(store.forgotten()) + 1);
    lost->set_cancel_reason("etcdserver: mvcc: required revision has been compacted");
    watches_.erase(at);
    return lost;
  }
  if (!seek(watch, store)) return nullptr;
  last_heard_ = id;
  return read(id, watch, store);
}

/// Goes on to the first change that the watch wants; false: there is none so far.
bool WatchStream::seek(Watch& watch, const Store& store) {
  bool found = false;
  store.for_each_after(watch.next - 1, [&](const Store::Change& change) {
    found = watch.wants(change);
    if (found) watch.next = change.revision;
    return !found;
  });
  if (!found) watch.next = std::max(watch.next, store.revision() + 1);
  return found;
}

std::unique_ptr<api::WatchResponse> WatchStream::read(std::int64_t id, Watch& watch,
                                                      const Store& store) {
  auto result = response(id, store);
  std::size_t bytes = 0;
  store.for_each_after(watch.next - 1, [&](const Store::Change& change) {
    const bool full = result->events_size() >= kEvents || bytes >= kBytes;
    if (full && change.revision >= watch.next) return false;
    watch.next = change.revision + 1;
    if (!watch.wants(change)) return true;
    add(*result, change, watch.with_previous);
    bytes += result->events(result->events_size() - 1).ByteSizeLong();
    return true;
  });
  return result;
}

void WatchStream::note_progress(const Store& store) {
  for (auto& [id, watch] : watches_)
    if (watch.progress && watch.next > store.forgotten() && !seek(watch, store))
      answers_.push_back(response(id, store));
}

}  // namespace brontes::registry
