#include "etcd_service.hpp"

#include <brontes/actors/call/handlers.hpp>
#include <random>

#include "etcd_api.brontes.hpp"

namespace brontes::registry {
namespace {

constexpr Duration kProgress = std::chrono::minutes(10);  // as etcd

using api::AuthMethods;
using api::ClusterMethods;
using api::KVMethods;
using api::LeaseMethods;
using api::MaintenanceMethods;
using api::WatchMethods;

std::uint64_t random_id() {
  std::random_device random;
  return (std::uint64_t{random()} << 31 ^ random()) | 1;  // positive as a signed number
}

}  // namespace

std::vector<Method> etcd_rows() {
  std::vector<Method> rows;
  const auto add = [&](std::vector<Method> more) {
    rows.insert(rows.end(), more.begin(), more.end());
  };
  add(unimplemented_rows(KVMethods::All{}));
  add(unimplemented_rows(WatchMethods::All{}));
  add(unimplemented_rows(LeaseMethods::All{}));
  add(unimplemented_rows(AuthMethods::All{}));
  add(unimplemented_rows(ClusterMethods::All{}));
  add(unimplemented_rows(MaintenanceMethods::All{}));
  return rows;
}

EtcdService::EtcdService(StoreLimits limits) : keys_(limits), id_(random_id()) {
  serve_keys();
  serve_leases();
  serve_cluster();
  on<WatchMethods::Watch>([this](const CallPtr& call, Event& event) { watch(call, event); });
}

template <class M, class F>
void EtcdService::answer(F f) {
  on<M>([this, f](const typename M::Request& request, typename M::Reply& reply) -> Status {
    Status status = f(request, reply);
    stamp(*reply.mutable_header());
    settle();
    return status;
  });
}

void EtcdService::serve_keys() {
  answer<KVMethods::Range>(
      [this](const auto& request, auto& reply) { return keys_.range(request, reply); });
  answer<KVMethods::Put>(
      [this](const auto& request, auto& reply) { return keys_.put(request, reply); });
  answer<KVMethods::DeleteRange>(
      [this](const auto& request, auto& reply) { return keys_.remove(request, reply); });
  answer<KVMethods::Txn>(
      [this](const auto& request, auto& reply) { return keys_.txn(request, reply); });
  answer<KVMethods::Compact>([this](const auto& request, auto&) { return keys_.compact(request); });
}

void EtcdService::serve_leases() {
  answer<LeaseMethods::LeaseGrant>(
      [this](const auto& request, auto& reply) { return keys_.grant(request, now(), reply); });
  answer<LeaseMethods::LeaseRevoke>(
      [this](const auto& request, auto&) { return keys_.revoke(request); });
  answer<LeaseMethods::LeaseTimeToLive>([this](const auto& request, auto& reply) {
    keys_.time_to_live(request, now(), reply);
    return Status();
  });
  answer<LeaseMethods::LeaseLeases>([this](const auto&, auto& reply) {
    keys_.list_leases(reply);
    return Status();
  });
  on<LeaseMethods::LeaseKeepAlive>([this] {
    return [this](const api::LeaseKeepAliveRequest* request,
                  Writer<api::LeaseKeepAliveResponse>& replies) -> Status {
      if (!request) return {};
      api::LeaseKeepAliveResponse reply;
      keys_.renew(*request, now(), reply);
      stamp(*reply.mutable_header());
      replies.write(std::move(reply));
      settle();
      return {};
    };
  });
}

void EtcdService::serve_cluster() {
  answer<AuthMethods::Authenticate>([](const auto&, auto&) -> Status {
    return {Errc::kFailedPrecondition, "etcdserver: authentication is not enabled"};
  });
  answer<ClusterMethods::MemberList>([this](const auto&, auto& reply) {
    api::Member& self = *reply.add_members();
    self.set_id(id_);
    self.set_name("brontes");
    return Status();
  });
  answer<MaintenanceMethods::Status>([this](const auto&, auto& reply) {
    reply.set_version("3.4.0+brontes");  // whose behaviour it has
    reply.set_leader(id_);
    reply.set_raftindex(keys_.store().revision());
    reply.set_raftterm(1);
    return Status();
  });
}

void EtcdService::on_start() { note_progress(); }

void EtcdService::stamp(api::ResponseHeader& header) const {
  header.set_cluster_id(id_);
  header.set_member_id(id_);
  header.set_revision(static_cast<std::int64_t>(keys_.store().revision()));
  header.set_raft_term(1);
}

void EtcdService::watch(const CallPtr& call, Event& event) {
  if (event.type == Event::Type::kStarted) {
    call->send_headers();
    call->read();
    streams_.insert_or_assign(call.get(), Stream{call, event.credit, true});
    return;
  }
  const auto found = streams_.find(call.get());
  if (found == streams_.end()) return;
  Stream& stream = found->second;
  switch (event.type) {
    case Event::Type::kMessage:
      stream.reading = false;
      stream.watches.take(static_cast<const api::WatchRequest&>(*event.request), keys_.store());
      return send(stream);
    case Event::Type::kDemand:
      stream.credit += event.credit;
      return send(stream);
    case Event::Type::kHalfClosed:
      streams_.erase(found);
      return call->finish({});
    case Event::Type::kCancelled:
      streams_.erase(found);
      return call->finish(call->cancel_status());
    case Event::Type::kStarted:
      return;
  }
}

void EtcdService::send(Stream& stream) {
  while (stream.credit > 0) {
    auto response = stream.watches.next(keys_.store());
    if (!response) break;
    const auto revision = response->header().revision();  // of when it was answered
    stamp(*response->mutable_header());
    response->mutable_header()->set_revision(revision);
    if (!stream.call->write(std::move(response))) break;
    --stream.credit;
  }
  // Who does not read answers is not asked for more questions.
  if (stream.reading || !stream.watches.answered()) return;
  stream.reading = true;
  stream.call->read();
}

void EtcdService::settle() {
  wait_for_lapse();
  if (told_ == keys_.store().revision()) return;
  told_ = keys_.store().revision();
  for (auto& [call, stream] : streams_) send(stream);
}

void EtcdService::wait_for_lapse() {
  const TimePoint next = keys_.store().next_lapse();
  if (next >= awaited_) return;
  awaited_ = next;
  after(next - now(), [this, next] {
    if (awaited_ != next) return;  // another wait came to be shorter
    awaited_ = TimePoint::max();
    keys_.lapse(now());
    settle();
  });
}

void EtcdService::note_progress() {
  for (auto& [call, stream] : streams_) {
    stream.watches.note_progress(keys_.store());
    send(stream);
  }
  after(kProgress, [this] { note_progress(); });
}

}  // namespace brontes::registry
