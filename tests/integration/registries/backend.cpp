#include "backend.hpp"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <brontes/discovery/registries/consul/detail/consul_registry_actor.hpp>
#include <brontes/discovery/registries/memory_registry.hpp>
#include <sstream>

#include "consul_agent.hpp"
#include "etcd_api.grpc.pb.h"
#include "etcd_cluster.hpp"
#include "registry_client.hpp"
#include "registry_process.hpp"

namespace brontes::testing {
namespace {

class MemoryBackend final : public Backend {
 public:
  explicit MemoryBackend(System& system) : registries_(system) {}
  OpenRegistry registry() override { return *registries_.open("memory:"); }
  void expire(LeaseId lease, const std::vector<std::string>&) override {
    tell(control(), ExpireLease{lease});
  }
  void compact() override { tell(control(), CompactHistory{}); }

 private:
  MemoryRegistry control() { return memory_control(registry().registry); }
  Registries registries_;
};

class EtcdBackend final : public Backend {
 public:
  explicit EtcdBackend(System& system)
      : url_(shared_etcd().url(fresh_prefix())), registries_(system) {}
  OpenRegistry registry() override { return *registries_.open(url_); }
  void expire(LeaseId lease, const std::vector<std::string>&) override {
    std::ostringstream hex;
    hex << std::hex << lease.value;
    shared_etcd().ctl({"lease", "revoke", hex.str()});
  }
  void compact() override { shared_etcd().compact(); }

 private:
  const std::string url_;
  Registries registries_;
};

/// `brontes registry`, through the same client as etcd.
class ServedBackend final : public Backend {
 public:
  explicit ServedBackend(System& system)
      : channel_(grpc::CreateChannel(process_.address(), grpc::InsecureChannelCredentials())),
        registries_(system) {}
  OpenRegistry registry() override { return *registries_.open(process_.url()); }
  void expire(LeaseId lease, const std::vector<std::string>&) override {
    etcdserverpb::LeaseRevokeRequest request;
    request.set_id(lease.value);
    etcdserverpb::LeaseRevokeResponse reply;
    grpc::ClientContext context;
    must(etcdserverpb::Lease::NewStub(channel_)->LeaseRevoke(&context, request, &reply));
  }
  void compact() override {
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
  }

 private:
  static void must(const grpc::Status& status) {
    if (!status.ok()) throw std::runtime_error("brontes registry: " + status.error_message());
  }
  RegistryProcess process_;
  std::shared_ptr<grpc::Channel> channel_;
  Registries registries_;
};

class ConsulBackend final : public Backend {
 public:
  explicit ConsulBackend(System& system)
      : system_(system), url_(shared_consul().url(fresh_prefix())), registries_(system) {
    shared_consul().deregister_all();  // an id is one service at an agent, whatever its prefix
  }
  OpenRegistry registry() override { return *registries_.open(url_); }
  // Its checks would become critical: the same to whoever looks. That the agent does not know them
  // is noticed with the next renewal; a lease with nothing under it is known to us alone.
  void expire(LeaseId lease, const std::vector<std::string>& ids) override {
    for (const std::string& id : ids) shared_consul().deregister(id);
    RegistryClient client(system_, registry().registry);
    if (ids.empty())
      EXPECT_TRUE(client.revoke(lease));
    else
      EXPECT_EQ(client.renew(lease).error().code(), Errc::kNotFound);
  }
  void compact() override {
    tell(caf::actor_cast<consul::ConsulRegistry>(registry().registry), consul::ForgetHistory{});
  }

 private:
  System& system_;
  const std::string url_;
  Registries registries_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(const std::string& kind, System& system) {
  if (kind == "memory") return std::make_unique<MemoryBackend>(system);
  if (kind == "served") return std::make_unique<ServedBackend>(system);
  if (kind == "consul")
    return ConsulAgent::program().empty() ? nullptr : std::make_unique<ConsulBackend>(system);
  if (!EtcdCluster::is_installed()) return nullptr;
  return std::make_unique<EtcdBackend>(system);
}

std::string why_no(const std::string& kind) {
  return kind == "consul" ? ConsulAgent::why_none()
                          : kind + " is not installed (tools/packages-test.txt)";
}

}  // namespace brontes::testing
