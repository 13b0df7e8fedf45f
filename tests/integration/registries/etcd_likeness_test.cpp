// `brontes registry` beside a real etcd: the same requests, in random order, get the same answers.
#include <grpcpp/grpcpp.h>

#include <random>
#include <sstream>

#include "etcd_api.grpc.pb.h"
#include "etcd_cluster.hpp"
#include "registry_process.hpp"

namespace brontes::testing {
namespace {

namespace api = etcdserverpb;

/// One of the two.
struct Side {
  explicit Side(const std::string& address)
      : channel(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())),
        keys(api::KV::NewStub(channel)),
        leases(api::Lease::NewStub(channel)),
        watches(api::Watch::NewStub(channel)) {}
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<api::KV::Stub> keys;
  std::unique_ptr<api::Lease::Stub> leases;
  std::unique_ptr<api::Watch::Stub> watches;
};

/// What is nobody's but the server's own.
void strip(api::ResponseHeader& header) {
  header.clear_cluster_id();
  header.clear_member_id();
  header.clear_raft_term();
}

template <class Reply>
std::string told(const grpc::Status& status, Reply reply) {
  if (!status.ok()) return std::to_string(status.error_code()) + ": " + status.error_message();
  strip(*reply.mutable_header());
  return reply.ShortDebugString();
}

struct EtcdLikeness : ::testing::TestWithParam<int> {
  void SetUp() override {
    NEEDS_ETCD();
    etcd = std::make_unique<EtcdCluster>();
    sides.emplace_back(etcd->address());
    sides.emplace_back(process.address());
    random.seed(static_cast<std::uint32_t>(GetParam()));
  }

  std::uint32_t pick(std::uint32_t below) { return random() % below; }
  std::string key() { return std::string(1, static_cast<char>('a' + pick(6))); }
  std::string end() {
    const std::uint32_t which = pick(6);
    if (which < 3) return "";
    return which == 3 ? std::string(1, '\0') : key();
  }
  std::int64_t lease() { return pick(3) == 0 ? 1 + pick(4) : 0; }
  /// Mostly one that is there.
  std::int64_t some_revision() {
    return pick(2) == 0 ? 0 : pick(static_cast<std::uint32_t>(puts) + 4);
  }

  template <class Request, class Ask>
  void both(const Request& request, Ask ask) {
    const std::string theirs = ask(sides[0], request), ours = ask(sides[1], request);
    EXPECT_EQ(ours, theirs) << Request::descriptor()->name() << " " << request.ShortDebugString();
  }

  api::RangeRequest range() {
    api::RangeRequest request;
    if (pick(20) > 0) request.set_key(key());
    request.set_range_end(end());
    request.set_revision(some_revision());
    if (pick(3) == 0) request.set_limit(1 + pick(3));
    if (pick(3) == 0) {
      request.set_sort_order(static_cast<api::RangeRequest::SortOrder>(pick(3)));
      request.set_sort_target(static_cast<api::RangeRequest::SortTarget>(pick(5)));
    }
    if (pick(6) == 0) request.set_keys_only(true);
    if (pick(6) == 0) request.set_count_only(true);
    return request;
  }
  api::PutRequest put() {
    api::PutRequest request;
    if (pick(20) > 0) request.set_key(key());
    if (pick(10) > 0) request.set_value(std::to_string(pick(4)));
    request.set_lease(lease());
    request.set_prev_kv(pick(2) == 0);
    if (pick(10) == 0) request.set_ignore_value(true);
    if (pick(10) == 0) request.set_ignore_lease(true);
    return request;
  }
  api::DeleteRangeRequest removal() {
    api::DeleteRangeRequest request;
    request.set_key(key());
    request.set_range_end(end());
    request.set_prev_kv(pick(2) == 0);
    return request;
  }
  /// etcd overlooks that a removal without an end meets a put of the same txn; we refuse that.
  static api::DeleteRangeRequest bounded(api::DeleteRangeRequest request) {
    if (request.range_end() == std::string(1, '\0')) request.clear_range_end();
    return request;
  }
  api::Compare compare() {
    api::Compare result;
    result.set_key(key());
    if (pick(4) == 0) result.set_range_end(end());
    result.set_result(static_cast<api::Compare::CompareResult>(pick(4)));
    switch (pick(5)) {
      case 0:
        result.set_target(api::Compare::VERSION);
        result.set_version(pick(3));
        break;
      case 1:
        result.set_target(api::Compare::CREATE);
        result.set_create_revision(some_revision());
        break;
      case 2:
        result.set_target(api::Compare::MOD);
        result.set_mod_revision(some_revision());
        break;
      case 3:
        result.set_target(api::Compare::VALUE);
        result.set_value(std::to_string(pick(4)));
        break;
      default:
        result.set_target(api::Compare::LEASE);
        result.set_lease(lease());
    }
    return result;
  }
  void add(google::protobuf::RepeatedPtrField<api::RequestOp>& to) {
    for (std::uint32_t count = pick(4); count > 0; --count) {
      const std::uint32_t which = pick(4);
      if (which == 0)
        *to.Add()->mutable_request_range() = range();
      else if (which < 3)
        *to.Add()->mutable_request_put() = put();
      else
        *to.Add()->mutable_request_delete_range() = bounded(removal());
    }
  }
  api::TxnRequest txn() {
    api::TxnRequest request;
    for (std::uint32_t count = pick(3); count > 0; --count) *request.add_compare() = compare();
    add(*request.mutable_success());
    add(*request.mutable_failure());
    return request;
  }

  void step() {
    const std::uint32_t which = pick(22);
    if (which < 7)
      both(put(), [this](Side& side, const auto& request) {
        grpc::ClientContext context;
        api::PutResponse reply;
        const auto status = side.keys->Put(&context, request, &reply);
        if (status.ok()) puts = std::max<std::int64_t>(puts, reply.header().revision());
        return told(status, reply);
      });
    else if (which < 11)
      both(range(), [](Side& side, const auto& request) {
        grpc::ClientContext context;
        api::RangeResponse reply;
        return told(side.keys->Range(&context, request, &reply), reply);
      });
    else if (which < 13)
      both(removal(), [](Side& side, const auto& request) {
        grpc::ClientContext context;
        api::DeleteRangeResponse reply;
        return told(side.keys->DeleteRange(&context, request, &reply), reply);
      });
    else if (which < 18)
      both(txn(), [](Side& side, const auto& request) {
        grpc::ClientContext context;
        api::TxnResponse reply;
        const auto status = side.keys->Txn(&context, request, &reply);
        for (auto& done : *reply.mutable_responses()) {
          if (done.has_response_range()) strip(*done.mutable_response_range()->mutable_header());
          if (done.has_response_put()) strip(*done.mutable_response_put()->mutable_header());
          if (done.has_response_delete_range())
            strip(*done.mutable_response_delete_range()->mutable_header());
        }
        return told(status, reply);
      });
    else if (which < 20)
      both(wanted_lease(), [](Side& side, const auto& request) {
        grpc::ClientContext context;
        api::LeaseGrantResponse reply;
        return told(side.leases->LeaseGrant(&context, request, &reply), reply);
      });
    else if (which < 21)
      both(ended_lease(), [](Side& side, const auto& request) {
        grpc::ClientContext context;
        api::LeaseRevokeResponse reply;
        return told(side.leases->LeaseRevoke(&context, request, &reply), reply);
      });
    else
      compact();
  }
  api::LeaseGrantRequest wanted_lease() {
    api::LeaseGrantRequest request;
    request.set_id(1 + pick(4));
    request.set_ttl(3600);
    return request;
  }
  api::LeaseRevokeRequest ended_lease() {
    api::LeaseRevokeRequest request;
    request.set_id(1 + pick(4));
    return request;
  }
  void compact() {
    api::CompactionRequest request;
    request.set_revision(pick(static_cast<std::uint32_t>(puts) + 3));
    request.set_physical(true);
    both(request, [](Side& side, const auto& wanted) {
      grpc::ClientContext context;
      api::CompactionResponse reply;
      return told(side.keys->Compact(&context, wanted, &reply), reply);
    });
  }

  /// Every event from there on, one a line; "compacted" if that is too long ago.
  static std::string history(Side& side, std::int64_t from, std::int64_t to) {
    grpc::ClientContext context;
    const auto stream = side.watches->Watch(&context);
    api::WatchRequest request;
    auto& create = *request.mutable_create_request();
    create.set_key(std::string(1, '\0'));
    create.set_range_end(std::string(1, '\0'));
    create.set_start_revision(from);
    create.set_prev_kv(true);
    stream->Write(request);
    std::string text;
    api::WatchResponse response;
    std::int64_t last = 0;
    while (last < to && stream->Read(&response)) {
      if (response.canceled()) return "compacted";
      for (const api::Event& event : response.events()) {
        text += event.ShortDebugString() + "\n";
        last = event.kv().mod_revision();
      }
    }
    context.TryCancel();
    return text;
  }

  std::unique_ptr<EtcdCluster> etcd;
  RegistryProcess process;
  std::vector<Side> sides;
  std::mt19937 random;
  std::int64_t puts = 1;
};

TEST_P(EtcdLikeness, TheSameRequestsGetTheSameAnswers) {
  for (int i = 0; i < 400 && !HasFailure(); ++i) step();
  // Watches hear the same, from wherever the history still goes back to.
  const std::int64_t head = etcd->revision();
  api::PutRequest last;
  last.set_key("z");
  both(last, [](Side& side, const auto& request) {
    grpc::ClientContext context;
    api::PutResponse reply;
    return told(side.keys->Put(&context, request, &reply), reply);
  });
  for (std::int64_t from = head + 1; from > 0 && !HasFailure(); from -= 1 + from / 10) {
    const std::string theirs = history(sides[0], from, head + 1);
    EXPECT_EQ(history(sides[1], from, head + 1), theirs) << "from " << from;
    if (theirs == "compacted") break;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, EtcdLikeness, ::testing::Range(1, 6));

}  // namespace
}  // namespace brontes::testing
