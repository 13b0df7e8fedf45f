#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/registries/etcd/detail/etcd_registry_actor.hpp>

namespace brontes::etcd {
namespace {

// Asked again quickly: what waits behind a renewal is the lease.
constexpr Duration kRenewalPatience = std::chrono::seconds(1);
// Records. etcd walks all that is left for each page, to count it: of many, pages are larger.
constexpr std::int64_t kFirstPage = 2000, kLargestPage = 10'000, kPages = 10;
constexpr int kListTries = 3;

}  // namespace

EtcdRegistryActor::behavior_type EtcdRegistryActor::make_behavior() {
  client_.begin({[self = itself()](const Heard& heard) { tell(self, heard); },
                 [this](Duration delay, std::uint64_t exchange) {
                   send_after(this, itself(), delay, Overdue{exchange});
                 },
                 [this] { return brontes::now(this); }});
  on_down(this, [this](const caf::actor_addr& who, const caf::error&) { forget(who); });
  return {
      [this](const GrantLease& wish) { return grant(wish); },
      [this](const PutRecord& wish) { return put(wish); },
      [this](const RenewLease& wish) { return renew(wish); },
      [this](const RevokeLease& wish) { return revoke(wish); },
      [this](const RemoveRecord& wish) { return remove(wish); },
      [this](const ListRecords& wish) { return list(wish); },
      [this](const WatchRecords& wish) { return start_watch(wish); },
      [this](const StopWatch& wish) { stop_watch(wish); },
      [this](const Heard& news) { heard(news); },
      [this](Overdue due) { overdue(due); },
  };
}

void EtcdRegistryActor::on_exit() {
  watches_.clear();
  client_.end();
}

caf::result<LeaseGranted> EtcdRegistryActor::grant(const GrantLease& wish) {
  if (wish.ttl < std::chrono::seconds(1))
    return to_error({Errc::kInvalidArgument, "grant a lease: the ttl is below one second"});
  auto promise = make_response_promise<caf::response_promise>();
  wire::LeaseGrantRequest request;
  request.set_ttl(wish.ttl.count());
  ask_etcd<wire::LeaseGrantResponse>(
      {kLeaseGrant}, request, [promise](Expected<wire::LeaseGrantResponse> granted) mutable {
        if (!granted) return promise.deliver(to_error(granted.error()));
        promise.deliver(LeaseGranted{{granted->id()}, std::chrono::seconds(granted->ttl())});
      });
  return promise;
}

caf::result<LeaseRenewed> EtcdRegistryActor::renew(const RenewLease& wish) {
  auto promise = make_response_promise<caf::response_promise>();
  wire::LeaseKeepAliveRequest request;
  request.set_id(wish.lease.value);
  ask_etcd<wire::LeaseKeepAliveResponse>(
      {.path = kLeaseKeepAlive, .patience = kRenewalPatience}, request,
      [promise, lease = wish.lease](Expected<wire::LeaseKeepAliveResponse> renewed) mutable {
        if (!renewed) return promise.deliver(to_error(renewed.error()));
        if (renewed->ttl() <= 0)
          return promise.deliver(to_error({Errc::kNotFound, "etcd holds no such lease any more"}));
        promise.deliver(LeaseRenewed{lease, std::chrono::seconds(renewed->ttl())});
      });
  return promise;
}

caf::result<void> EtcdRegistryActor::revoke(const RevokeLease& wish) {
  auto promise = make_response_promise<caf::response_promise>();
  wire::LeaseRevokeRequest request;
  request.set_id(wish.lease.value);
  ask_etcd<wire::LeaseRevokeResponse>(
      {kLeaseRevoke}, request, [promise](const Expected<wire::LeaseRevokeResponse>& done) mutable {
        if (done || done.error().code() == Errc::kNotFound) return promise.deliver(caf::unit);
        promise.deliver(to_error(done.error()));
      });
  return promise;
}

caf::result<void> EtcdRegistryActor::remove(const RemoveRecord& wish) {
  auto promise = make_response_promise<caf::response_promise>();
  wire::TxnRequest request;
  wire::Compare& ours = *request.add_compare();
  ours.set_target(wire::Compare::LEASE);
  ours.set_key(keys_.key(wish.key));
  ours.set_lease(wish.lease.value);
  request.add_success()->mutable_request_delete_range()->set_key(ours.key());
  ask_etcd<wire::TxnResponse>({kTxn}, request,
                              [promise](const Expected<wire::TxnResponse>& done) mutable {
                                if (done) return promise.deliver(caf::unit);
                                promise.deliver(to_error(done.error()));
                              });
  return promise;
}

/// One list under way, page by page, all of them at the revision of the first.
struct EtcdRegistryActor::Listing {
  caf::response_promise promise;
  Query query;
  KeyRange range;
  std::string next;  ///< where the next page begins
  std::int64_t page = kFirstPage;
  RecordsListed records;
  int tries = 0;
};

caf::result<RecordsListed> EtcdRegistryActor::list(const ListRecords& wish) {
  auto listing = std::make_shared<Listing>();
  listing->promise = make_response_promise<caf::response_promise>();
  listing->query = wish.query;
  listing->range = keys_.range(wish.query);
  listing->next = listing->range.begin;
  list_page(listing);
  return listing->promise;
}

void EtcdRegistryActor::list_page(const std::shared_ptr<Listing>& listing) {
  wire::RangeRequest request;
  request.set_key(listing->next);
  request.set_range_end(listing->range.end);
  request.set_limit(listing->page);
  request.set_revision(static_cast<std::int64_t>(listing->records.revision));
  ask_etcd<wire::RangeResponse>({.path = kRange, .bulk = true}, request,
                                [this, listing](const Expected<wire::RangeResponse>& page) {
                                  if (page) return take_page(listing, *page);
                                  // Compacted, or wiped, between two pages.
                                  const bool again = page.error().code() == Errc::kOutOfRange &&
                                                     ++listing->tries < kListTries;
                                  if (!again)
                                    return listing->promise.deliver(to_error(page.error()));
                                  listing->next = listing->range.begin;
                                  listing->records = {};
                                  listing->page = kFirstPage;
                                  list_page(listing);
                                });
}

void EtcdRegistryActor::take_page(const std::shared_ptr<Listing>& listing,
                                  const wire::RangeResponse& page) {
  RecordsListed& records = listing->records;
  if (records.revision == 0) {
    records.revision = static_cast<std::uint64_t>(page.header().revision());
    listing->page = std::clamp(page.count() / kPages, kFirstPage, kLargestPage);
  }
  const bool more = page.more() && !page.kvs().empty();
  if (more) {  // etcd gathers the next page while this one is read
    listing->next = page.kvs().rbegin()->key() + '\0';
    list_page(listing);
  }
  for (const wire::KeyValue& pair : page.kvs()) {
    const auto key = keys_.record_key(pair.key());
    if (!key || !listing->query.covers(*key)) continue;
    if (InstancePtr instance = read(*key, pair))
      records.records.push_back(
          {*key, std::move(instance), static_cast<std::uint64_t>(pair.mod_revision())});
  }
  if (more) return;
  records.epoch = epoch_;
  listing->promise.deliver(std::move(records));
}

InstancePtr EtcdRegistryActor::read(const std::string& record_key, const wire::KeyValue& pair) {
  auto instance = read_record(record_key, pair.value());
  if (instance) {
    unreadable_.forget(record_key);
    return std::make_shared<const Instance>(std::move(*instance));
  }
  if (unreadable_.note(record_key, pair.mod_revision()))
    log_warn(kRegistryName, "record skipped key={} count={} cause=\"{}\"", keys_.key(record_key),
             unreadable_.count(), instance.error().message());
  return nullptr;
}

void EtcdRegistryActor::note(const wire::ResponseHeader& header) {
  if (header.cluster_id() == 0 || header.cluster_id() == cluster_) return;
  if (std::exchange(cluster_, header.cluster_id()) == 0) return;
  ++epoch_;
  log_warn(kRegistryName, "this is another cluster than before epoch={}", epoch_);
}

Registry spawn_registry(System& system, EtcdOptions options, std::shared_ptr<Wire> wire) {
  return spawn_plumbing<EtcdRegistryActor>(system, kRegistryName, std::move(options),
                                           std::move(wire));
}

}  // namespace brontes::etcd
