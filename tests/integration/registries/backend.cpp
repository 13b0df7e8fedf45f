#include "backend.hpp"

#include <brontes/discovery/registries/memory_registry.hpp>
#include <sstream>

#include "etcd_cluster.hpp"

namespace brontes::testing {
namespace {

class MemoryBackend final : public Backend {
 public:
  explicit MemoryBackend(System& system) : registries_(system) {}
  OpenRegistry registry() override { return *registries_.open("memory:"); }
  void expire(LeaseId lease) override { tell(control(), ExpireLease{lease}); }
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
  void expire(LeaseId lease) override {
    std::ostringstream hex;
    hex << std::hex << lease.value;
    shared_etcd().ctl({"lease", "revoke", hex.str()});
  }
  void compact() override { shared_etcd().compact(); }

 private:
  const std::string url_;
  Registries registries_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(const std::string& kind, System& system) {
  if (kind == "memory") return std::make_unique<MemoryBackend>(system);
  if (!EtcdCluster::is_installed()) return nullptr;
  return std::make_unique<EtcdBackend>(system);
}

}  // namespace brontes::testing
