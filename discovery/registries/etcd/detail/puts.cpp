// A record on its way into etcd: a transaction that writes it only where it may be written.
#include <brontes/discovery/registries/etcd/detail/etcd_registry_actor.hpp>

namespace brontes::etcd {
namespace {

constexpr int kTries = 8;  // against somebody who writes the same key all the time

}  // namespace

struct EtcdRegistryActor::Putting {
  caf::response_promise promise;
  PutRecord wish;
  std::string record_key, key, value;
  int tries = 0;
};

caf::result<RecordPut> EtcdRegistryActor::put(const PutRecord& wish) {
  if (Status status = validate(wish.instance); !status.ok()) return to_error(status);
  auto put = std::make_shared<Putting>();
  put->promise = make_response_promise<caf::response_promise>();
  put->wish = wish;
  put->record_key = record_key(wish.instance);
  put->key = keys_.key(put->record_key);
  put->value = to_json(wish.instance);
  try_put(put, 0);
  return put->promise;
}

/// Writes if the key was last changed at that revision (0: if there is none), else says what is
/// there. So an attempt whose outcome nobody knows may be repeated.
void EtcdRegistryActor::try_put(const std::shared_ptr<Putting>& put,
                                std::int64_t expected_revision) {
  if (++put->tries > kTries)
    return put->promise.deliver(
        to_error({Errc::kAborted, "put " + put->record_key + ": somebody writes it all the time"}));
  wire::TxnRequest request;
  wire::Compare& unchanged = *request.add_compare();
  unchanged.set_target(wire::Compare::MOD);
  unchanged.set_key(put->key);
  unchanged.set_mod_revision(expected_revision);
  wire::PutRequest& write = *request.add_success()->mutable_request_put();
  write.set_key(put->key);
  write.set_value(put->value);
  write.set_lease(put->wish.lease.value);
  request.add_failure()->mutable_request_range()->set_key(put->key);
  ask_etcd<wire::TxnResponse>(
      {kTxn}, request, [this, put](const Expected<wire::TxnResponse>& done) {
        if (!done) return put->promise.deliver(to_error(done.error()));
        if (!done->succeeded()) return put_again(put, *done);
        put->promise.deliver(
            RecordPut{put->record_key, static_cast<std::uint64_t>(done->header().revision())});
      });
}

void EtcdRegistryActor::put_again(const std::shared_ptr<Putting>& put,
                                  const wire::TxnResponse& found) {
  if (found.responses_size() == 0 || found.responses(0).response_range().kvs_size() == 0)
    return try_put(put, 0);
  const wire::KeyValue& there = found.responses(0).response_range().kvs(0);
  const bool ours = there.lease() == put->wish.lease.value;
  if (ours && there.value() == put->value)
    return put->promise.deliver(
        RecordPut{put->record_key, static_cast<std::uint64_t>(found.header().revision())});
  const auto other = read_record(put->record_key, there.value());
  if (!ours && other && incarnation(*other) > incarnation(put->wish.instance))
    return put->promise.deliver(
        to_error({Errc::kAlreadyExists, "key " + put->key + " is held by a newer process"}));
  try_put(put, there.mod_revision());
}

}  // namespace brontes::etcd
