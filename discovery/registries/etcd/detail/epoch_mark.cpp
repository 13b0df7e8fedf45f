// Whether the data behind the cluster is still the data that was there. An etcd that lost its data
// and was started with the same flags has the same cluster id, and may have passed the revision
// that a watch goes on from. So a random value stands beside the records, put once by whoever
// misses it first.
#include <brontes/actors/log.hpp>
#include <brontes/discovery/registries/etcd/detail/etcd_registry_actor.hpp>
#include <random>

namespace brontes::etcd {
namespace {

std::string random_mark() {
  std::random_device random;
  std::string mark;
  for (int i = 0; i < 4; ++i) mark += fmt::format("{:08x}", random());
  return mark;
}

/// A user who may not see the mark goes without.
Status serious(const Status& status) {
  return status.code() == Errc::kPermissionDenied ? Status() : status;
}

}  // namespace

void EtcdRegistryActor::look_at_mark(const std::function<void(const Status&)>& then) {
  wire::RangeRequest request;
  request.set_key(keys_.mark());
  ask_etcd<wire::RangeResponse>({kRange}, request,
                                [this, then](const Expected<wire::RangeResponse>& found) {
                                  if (!found) return then(serious(found.error()));
                                  if (found->kvs_size() == 0) return put_mark(then);
                                  note_mark(found->kvs(0).value());
                                  then({});
                                });
}

void EtcdRegistryActor::put_mark(const std::function<void(const Status&)>& then) {
  wire::TxnRequest request;
  wire::Compare& missing = *request.add_compare();
  missing.set_target(wire::Compare::MOD);
  missing.set_key(keys_.mark());
  missing.set_mod_revision(0);
  wire::PutRequest& write = *request.add_success()->mutable_request_put();
  write.set_key(keys_.mark());
  write.set_value(random_mark());
  request.add_failure()->mutable_request_range()->set_key(keys_.mark());
  ask_etcd<wire::TxnResponse>(
      {kTxn}, request, [this, then, ours = write.value()](const Expected<wire::TxnResponse>& done) {
        if (!done) return then(serious(done.error()));
        if (done->succeeded())
          note_mark(ours);
        else if (done->responses_size() > 0 && done->responses(0).response_range().kvs_size() > 0)
          note_mark(done->responses(0).response_range().kvs(0).value());
        then({});
      });
}

void EtcdRegistryActor::note_mark(const std::string& mark) {
  if (mark == mark_) return;
  if (std::exchange(mark_, mark).empty()) return;
  ++epoch_;
  log_warn(kRegistryName, "the data is not what was there before epoch={}", epoch_);
}

}  // namespace brontes::etcd
