#include <algorithm>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/registries/static_registry.hpp>

namespace brontes {
namespace {

class StaticRegistryActor : public Registry::base {
 public:
  StaticRegistryActor(caf::actor_config& config, std::vector<std::string> addresses)
      : Registry::base(config), addresses_(std::move(addresses)) {}

  behavior_type make_behavior() override {
    return {
        [](const GrantLease&) -> caf::result<LeaseGranted> { return refusal(); },
        [](const PutRecord&) -> caf::result<RecordPut> { return refusal(); },
        [](const RenewLease&) -> caf::result<LeaseRenewed> { return refusal(); },
        [](const RevokeLease&) {},
        [](const RemoveRecord&) {},
        [this](const ListRecords& wish) { return list(wish.query); },
        [](const WatchRecords& wish) {
          return WatchStarted{wish.watch, 1, 1};
        },
        [](const StopWatch&) {},
    };
  }

 private:
  static caf::error refusal() {
    return to_error({Errc::kUnimplemented,
                     "a static registry cannot be written; announce at memory:, "
                     "etcd:// or consul:// instead"});
  }

  RecordsListed list(const Query& query) const {
    RecordsListed result{1, 1, {}};
    for (const std::string& address : addresses_) {
      Instance instance;
      instance.name = query.name;
      instance.version = query.version;
      instance.address = instance.instance_id = address;
      if (!query.instance_id.empty() && query.instance_id != address) continue;
      const std::string key = record_key(instance);
      result.records.push_back({key, std::make_shared<const Instance>(std::move(instance)), 1});
    }
    return result;
  }

  std::vector<std::string> addresses_;
};

}  // namespace

Registry spawn_static_registry(System& system, std::vector<std::string> addresses) {
  return spawn_plumbing<StaticRegistryActor>(system, "discovery.static_registry",
                                             std::move(addresses));
}

}  // namespace brontes
