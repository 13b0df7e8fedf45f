#include "backend.hpp"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <brontes/discovery/address.hpp>
#include <brontes/discovery/registries/consul/detail/consul_registry_actor.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <sstream>

#include "consul_agent.hpp"
#include "dns_server.hpp"
#include "etcd_api.grpc.pb.h"
#include "etcd_cluster.hpp"
#include "registry_client.hpp"
#include "registry_process.hpp"

namespace brontes::testing {
namespace {

class MemoryBackend final : public RegistryUnderTest {
 public:
  explicit MemoryBackend(System& system) : registries_(system) {}
  OpenRegistry registry() override { return *registries_.open("memory:"); }
  bool expire(LeaseId lease, const std::vector<std::string>&) override {
    tell(control(), ExpireLease{lease});
    return true;
  }
  bool compact() override {
    tell(control(), CompactHistory{});
    return true;
  }

 private:
  MemoryRegistry control() { return memory_control(registry().registry); }
  Registries registries_;
};

class EtcdBackend final : public RegistryUnderTest {
 public:
  explicit EtcdBackend(System& system)
      : url_(shared_etcd().url(fresh_prefix())), registries_(system) {}
  OpenRegistry registry() override { return *registries_.open(url_); }
  bool expire(LeaseId lease, const std::vector<std::string>&) override {
    std::ostringstream hex;
    hex << std::hex << lease.value;
    shared_etcd().ctl({"lease", "revoke", hex.str()});
    return true;
  }
  bool compact() override {
    shared_etcd().compact();
    return true;
  }

 private:
  const std::string url_;
  Registries registries_;
};

/// `brontes registry`, through the same client as etcd.
class ServedBackend final : public RegistryUnderTest {
 public:
  explicit ServedBackend(System& system)
      : channel_(grpc::CreateChannel(process_.address(), grpc::InsecureChannelCredentials())),
        registries_(system) {}
  OpenRegistry registry() override { return *registries_.open(process_.url()); }
  bool expire(LeaseId lease, const std::vector<std::string>&) override {
    etcdserverpb::LeaseRevokeRequest request;
    request.set_id(lease.value);
    etcdserverpb::LeaseRevokeResponse reply;
    grpc::ClientContext context;
    must(etcdserverpb::Lease::NewStub(channel_)->LeaseRevoke(&context, request, &reply));
    return true;
  }
  bool compact() override {
    const auto keys = etcdserverpb::KV::NewStub(channel_);
    etcdserverpb::RangeRequest any;
    any.set_key("any");
    etcdserverpb::RangeResponse now;
    grpc::ClientContext asking, forgetting;
    must(keys->Range(&asking, any, &now));
    etcdserverpb::CompactionRequest request;
    request.set_revision(now.header().revision());
    etcdserverpb::CompactionResponse reply;
    const auto done = keys->Compact(&forgetting, request, &reply);
    if (done.error_code() != grpc::StatusCode::OUT_OF_RANGE) must(done);  // compacted already
    return true;
  }

 private:
  static void must(const grpc::Status& status) {
    if (!status.ok()) throw std::runtime_error("brontes registry: " + status.error_message());
  }
  RegistryProcess process_;
  std::shared_ptr<grpc::Channel> channel_;
  Registries registries_;
};

class ConsulBackend final : public RegistryUnderTest {
 public:
  explicit ConsulBackend(System& system)
      : system_(system), url_(shared_consul().url(fresh_prefix())), registries_(system) {
    shared_consul().deregister_all();  // an id is one service at an agent, whatever its prefix
  }
  OpenRegistry registry() override { return *registries_.open(url_); }
  // Its checks would become critical: the same to whoever looks. That the agent does not know them
  // is noticed with the next renewal; a lease with nothing under it is known to us alone.
  bool expire(LeaseId lease, const std::vector<std::string>& ids) override {
    for (const std::string& id : ids) shared_consul().deregister(id);
    RegistryClient client(system_, registry().registry);
    if (ids.empty())
      EXPECT_TRUE(client.revoke(lease));
    else
      EXPECT_EQ(client.renew(lease).error().code(), Errc::kNotFound);
    return true;
  }
  bool compact() override {
    tell(caf::actor_cast<consul::ConsulRegistry>(registry().registry), consul::ForgetHistory{});
    return true;
  }

 private:
  System& system_;
  const std::string url_;
  Registries registries_;
};

/// Another one for each offer: it cannot be changed.
class StaticBackend final : public RegistryUnderTest {
 public:
  explicit StaticBackend(System& system) : registries_(system) {}
  OpenRegistry registry() override { return *registries_.open(url_); }
  bool offer(const std::vector<std::string>& addresses) override {
    if (addresses.empty()) return false;
    url_ = "static://";
    for (const std::string& address : addresses) url_ += (url_.ends_with('/') ? "" : ",") + address;
    return true;
  }

 private:
  std::string url_ = "static://127.0.0.1:80";
  Registries registries_;
};

/// A zone with addresses under "svc.test".
class DnsBackend final : public RegistryUnderTest {
 public:
  explicit DnsBackend(System& system) : registries_(system) {}
  OpenRegistry registry() override {
    return *registries_.open("dns://test:80?server=" + server_.address());
  }
  bool offer(const std::vector<std::string>& addresses) override {
    server_.clear();
    std::vector<DnsRecord> records;
    for (const std::string& address : addresses)
      records.push_back(dns_a("svc.test", split_address(address)->host.c_str()));
    if (!records.empty()) server_.set("svc.test", 1, std::move(records));
    return true;
  }

 private:
  DnsServer server_;
  Registries registries_;
};

}  // namespace

std::unique_ptr<RegistryUnderTest> make_backend(const std::string& kind, System& system) {
  if (kind == "memory") return std::make_unique<MemoryBackend>(system);
  if (kind == "static") return std::make_unique<StaticBackend>(system);
  if (kind == "dns") return std::make_unique<DnsBackend>(system);
  if (kind == "served") return std::make_unique<ServedBackend>(system);
  if (kind == "consul") return std::make_unique<ConsulBackend>(system);
  return std::make_unique<EtcdBackend>(system);
}

std::string why_no(const std::string& kind) {
  if (kind == "consul" && ConsulAgent::program().empty()) return ConsulAgent::why_none();
  if (kind == "etcd" && !EtcdCluster::is_installed())
    return "etcd is not installed (tools/packages-test.txt)";
  return "";
}

}  // namespace brontes::testing
