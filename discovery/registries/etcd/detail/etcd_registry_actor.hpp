// The etcd registry's state and steps. etcd_registry_actor.cpp has leases and lists, puts.cpp the
// way of a record into etcd, watches.cpp the watches, epoch_mark.cpp whether the data is still the
// same.
#pragma once

#include "etcd_messages.pb.h"

#include <brontes/discovery/registries/etcd/detail/client.hpp>
#include <brontes/discovery/registries/etcd/detail/keys.hpp>
#include <brontes/discovery/registries/etcd/detail/unreadable.hpp>
#include <brontes/discovery/registries/etcd/etcd_registry.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace brontes::etcd {

inline constexpr const char* kRegistryName = "discovery.etcd_registry";

using EtcdRegistry = Interface<LeaseGranted(GrantLease), RecordPut(PutRecord),
                               LeaseRenewed(RenewLease), void(RevokeLease), void(RemoveRecord),
                               RecordsListed(ListRecords), WatchStarted(WatchRecords),
                               void(StopWatch),  // so far Registry
                               void(Heard), void(Overdue)>;

/// A watch has a stream of its own: one that lags, or is refused, holds up no other.
struct EtcdWatch {
  WatchRecords wish;
  caf::response_promise started;  ///< pending until etcd says that it is
  Stream stream;
  std::uint64_t revision = 0;  ///< everything up to it was sent
  bool established = false;
  std::vector<wire::Event> fragments;  ///< of a revision that came in parts
  std::size_t fragment_bytes = 0;
  TimePoint heard_at{};
  int unanswered = 0;  ///< questions whether it is still there
};

class EtcdRegistryActor : public EtcdRegistry::base {
 public:
  EtcdRegistryActor(caf::actor_config& config, EtcdOptions options, std::shared_ptr<Wire> wire)
      : EtcdRegistry::base(config), keys_(options.prefix), client_(options, std::move(wire)) {}

  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  template <class T>
  using Then = std::function<void(Expected<T>)>;

  caf::result<LeaseGranted> grant(const GrantLease& wish);
  caf::result<LeaseRenewed> renew(const RenewLease& wish);
  caf::result<void> revoke(const RevokeLease& wish);
  caf::result<void> remove(const RemoveRecord& wish);

  caf::result<RecordPut> put(const PutRecord& wish);
  struct Putting;
  void try_put(const std::shared_ptr<Putting>& put, std::int64_t expected_revision);
  void put_again(const std::shared_ptr<Putting>& put, const wire::TxnResponse& found);

  caf::result<RecordsListed> list(const ListRecords& wish);
  struct Listing;
  void list_page(const std::shared_ptr<Listing>& listing);
  void take_page(const std::shared_ptr<Listing>& listing, const wire::RangeResponse& page);

  caf::result<WatchStarted> start_watch(const WatchRecords& wish);
  void stop_watch(const StopWatch& wish);
  void forget(const caf::actor_addr& watcher);
  void heard(const Heard& heard);
  void overdue(Overdue due);
  void opened(std::uint64_t number, Expected<Stream> stream);
  using Watches = std::map<std::uint64_t, EtcdWatch>;
  void message_on(Watches::iterator at, const std::string& body);
  void created(Watches::iterator at, std::uint64_t revision);
  Status take(EtcdWatch& watch, wire::WatchResponse& response);
  Status take_events(EtcdWatch& watch, wire::WatchResponse& response);
  void send_changes(EtcdWatch& watch, const std::vector<wire::Event>& events);
  void look_after(Watches::iterator at);
  void break_off(Watches::iterator at, const Status& cause);

  /// Another cluster behind the same URL is another epoch.
  void note(const wire::ResponseHeader& header);
  /// So is other data in the same cluster.
  void look_at_mark(const std::function<void(const Status&)>& then);
  void put_mark(const std::function<void(const Status&)>& then);
  void note_mark(const std::string& mark);
  /// Null, and named once in the log, when it cannot be read.
  InstancePtr read(const std::string& record_key, const wire::KeyValue& pair);

  template <class Reply, class Message>
  void ask_etcd(Question question, const Message& message, Then<Reply> then) {
    question.body = message.SerializeAsString();
    client_.ask(std::move(question), [this, then = std::move(then)](Expected<std::string> answer) {
      if (!answer) return then(fail(answer.error()));
      Reply reply;
      if (!reply.ParseFromString(*answer))
        return then(fail(Errc::kInternal, "etcd's answer cannot be read"));
      note(reply.header());
      then(std::move(reply));
    });
  }

  EtcdRegistry itself() { return caf::actor_cast<EtcdRegistry>(this); }

  Keys keys_;
  Client client_;
  Unreadable unreadable_;
  Watches watches_;                      ///< by the number of their exchange
  std::set<caf::actor_addr> monitored_;  ///< watchers; each once, however often it watches
  std::uint64_t cluster_ = 0;
  std::string mark_;  ///< "": not seen yet
  std::uint64_t epoch_ = 1;
};

}  // namespace brontes::etcd
