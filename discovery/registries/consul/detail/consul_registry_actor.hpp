// The Consul registry's state and steps. consul_registry_actor.cpp has leases, puts.cpp the way of
// a record into Consul and out of it, reads.cpp how Consul is asked, answers.cpp what is known of
// it, watches.cpp who is told.
#pragma once

#include <brontes/discovery/detail/record_store.hpp>
#include <brontes/discovery/registries/consul/consul_registry.hpp>
#include <brontes/discovery/registries/consul/detail/client.hpp>
#include <brontes/discovery/registries/consul/detail/mirror.hpp>
#include <brontes/discovery/registries/consul/detail/service.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace brontes::consul {

inline constexpr const char* kRegistryName = "discovery.consul_registry";

/// Self -> self.
struct LapseDue {
  LeaseId lease;
  std::uint64_t turn = 0;
};
struct PumpDue {
  std::string name;
};
struct WaitOver {
  std::string name;
  std::uint64_t waiter = 0;
};
/// As if the history were full: for tests.
struct ForgetHistory {};

}  // namespace brontes::consul

BRONTES_MESSAGE(brontes::consul::LapseDue)
BRONTES_MESSAGE(brontes::consul::PumpDue)
BRONTES_MESSAGE(brontes::consul::WaitOver)
BRONTES_MESSAGE(brontes::consul::ForgetHistory)

namespace brontes::consul {

using ConsulRegistry =
    Interface<LeaseGranted(GrantLease), RecordPut(PutRecord), LeaseRenewed(RenewLease),
              void(RevokeLease), void(RemoveRecord), RecordsListed(ListRecords),
              WatchStarted(WatchRecords), void(StopWatch),  // so far Registry
              void(Answer), void(Overdue), void(LapseDue), void(PumpDue), void(WaitOver),
              void(ForgetHistory)>;

/// Consul has no leases. Ours is the list of checks that are beaten together.
struct Lease {
  std::chrono::seconds ttl{};
  std::uint64_t turn = 0;                   ///< of the LapseDue that counts
  std::map<std::string, Instance> records;  ///< by key, as they were put
};

/// Of whom Consul's leader asks whether it still leads: nobody, or a majority of the servers.
enum class Reading { kDefault, kConsistent };

struct ConsulWatch {
  WatchRecords wish;
  caf::response_promise started;  ///< pending until it is established
  std::uint64_t revision = 0;     ///< everything up to it was sent
  bool established = false;
};

class ConsulRegistryActor : public ConsulRegistry::base {
 public:
  ConsulRegistryActor(caf::actor_config& config, ConsulOptions options, std::shared_ptr<Wire> wire)
      : ConsulRegistry::base(config),
        options_(std::move(options)),
        client_(options_.agents, std::move(wire)),
        store_(options_.history_limit),
        random_(options_.seed) {
    mirrored_ = store_.grant(std::chrono::hours(1), {}).lease;  // it never lapses: nobody looks
  }

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using Done = Mirror::Done;

  caf::result<LeaseGranted> grant(const GrantLease& wish);
  caf::result<LeaseRenewed> renew(const RenewLease& wish);
  void lapse(LapseDue due);
  void arm_lapse(LeaseId id, Lease& lease);
  struct Beats;
  void beaten(const std::shared_ptr<Beats>& beats, const Status& status);

  caf::result<RecordPut> put(const PutRecord& wish);
  struct Putting;
  using PuttingPtr = std::shared_ptr<Putting>;
  void looked(const PuttingPtr& put, const Answer& there);
  void register_service(const PuttingPtr& put);
  void registered(const PuttingPtr& put, const Status& status);
  void beat_first(const PuttingPtr& put);
  void beaten_first(const PuttingPtr& put, const Status& status);
  void shown(const PuttingPtr& put, const Status& status);
  void beat(const Instance& instance, Done done);
  caf::result<void> remove(const RemoveRecord& wish);
  caf::result<void> revoke(const RevokeLease& wish);
  /// Out of the agent and out of what Consul shows, unless a newer process took it over.
  void take_out(const Instance& instance, Done done);
  void deregister(const Instance& instance, Done done);
  /// What Consul was last seen to show there; null: nothing.
  InstancePtr shown_at(const std::string& key) const;

  caf::result<RecordsListed> list(const ListRecords& wish);
  Mirror& mirror(const std::string& name);
  void await(const std::string& name, std::function<bool()> holds, Done done);
  void look_at_waiters(const std::string& name);
  void wait_over(const WaitOver& over);
  /// A new answer, or the failure that is still too fresh to try again.
  void refresh(const std::string& name, Done done, Reading reading = Reading::kDefault);
  /// Of a name; "": of all of them.
  void refresh_all(const std::string& name, Done done, Reading reading = Reading::kDefault);
  void pump(const std::string& name);
  void pumped(const std::string& name, const Answer& answer, std::uint64_t known);
  /// Whether it says that nothing is there any more.
  bool empties(const std::string& name, const Answer& answer) const;
  bool is_wanted(const std::string& name) const;
  std::size_t wanted_count() const;
  std::string target_of(const std::string& name, std::uint64_t index,
                        Reading reading = Reading::kDefault) const;
  /// `known`: the index when it was asked.
  Status take(const std::string& name, const Answer& answer, std::uint64_t known);
  void lost_history(const std::string& name, std::uint64_t index);
  Status take_entries(const std::string& name, const std::string& body);
  Status take_names(const Answer& answer);
  void note_failure(const std::string& name, const Answer& answer);
  void complain(const std::vector<Unreadable>& unreadable);

  caf::result<WatchStarted> start_watch(const WatchRecords& wish);
  void stop_watch(const StopWatch& wish);
  void forget(const caf::actor_addr& watcher);
  void begin_watch(std::uint64_t number, const Status& refreshed);
  void publish(const std::string& name);
  Status send_changes(ConsulWatch& watch);
  void break_watches(const std::string& name, const Status& cause);

  ConsulRegistry itself() { return caf::actor_cast<ConsulRegistry>(this); }

  const ConsulOptions options_;
  Client client_;
  /// What Consul was last seen to hold, numbered by us: see ADR 0044.
  brontes::detail::RecordStore store_;
  LeaseId mirrored_;  ///< under which it is there
  std::uint64_t epoch_ = 1;
  std::map<std::string, Mirror> mirrors_;  ///< by name; "": the names
  std::set<std::string> names_;
  std::map<LeaseId, Lease> leases_;
  std::map<std::uint64_t, ConsulWatch> watches_;
  std::set<caf::actor_addr> monitored_;  ///< watchers; each once, however often it watches
  std::uint64_t random_;
  std::uint64_t last_number_ = 0;     ///< of waiters and watches
  std::set<std::string> complaints_;  ///< that are in the log already
  std::uint64_t unreadable_ = 0;      ///< entries, complained of
};

}  // namespace brontes::consul
