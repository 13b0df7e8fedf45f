#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/actors/plumbing.hpp>
#include <brontes/discovery/registries/dns/detail/lookup.hpp>
#include <brontes/discovery/registries/dns/detail/wire.hpp>
#include <map>
#include <utility>

namespace brontes::dns {

/// Wire -> actor.
struct Heard {
  std::uint64_t look = 0;
  Question question;
  Reply reply;
};

}  // namespace brontes::dns

BRONTES_MESSAGE(brontes::dns::Heard)

namespace brontes::dns {
namespace {

constexpr const char* kRegistryName = "discovery.dns_registry";
constexpr std::size_t kLooks = 256;          // at once
constexpr std::size_t kAskersOfLook = 1000;  // that wait for the same one

using DnsRegistry =
    Interface<LeaseGranted(GrantLease), RecordPut(PutRecord), LeaseRenewed(RenewLease),
              void(RevokeLease), void(RemoveRecord), RecordsListed(ListRecords),
              WatchStarted(WatchRecords), void(StopWatch),  // so far Registry
              void(Heard)>;

caf::error read_only() {
  return to_error({Errc::kUnimplemented,
                   "DNS cannot be written by whom it serves; announce at etcd:// or consul:// "
                   "instead, or let the owner of the zone do it"});
}

class DnsRegistryActor : public DnsRegistry::base {
 public:
  DnsRegistryActor(caf::actor_config& config, DnsOptions options, std::shared_ptr<Wire> wire)
      : DnsRegistry::base(config), options_(std::move(options)), wire_(std::move(wire)) {}

  behavior_type make_behavior() override {
    return {
        [](const GrantLease&) -> caf::result<LeaseGranted> { return read_only(); },
        [](const PutRecord&) -> caf::result<RecordPut> { return read_only(); },
        [](const RenewLease&) -> caf::result<LeaseRenewed> { return read_only(); },
        [](const RevokeLease&) -> caf::result<void> { return read_only(); },
        [](const RemoveRecord&) -> caf::result<void> { return read_only(); },
        [this](const ListRecords& wish) { return list(wish.query); },
        [](const WatchRecords&) -> caf::result<WatchStarted> {
          return to_error(
              {Errc::kUnimplemented, "DNS cannot be watched; list again when the answer is old"});
        },
        [](const StopWatch&) {},
        [this](const Heard& heard) { take(heard); },
    };
  }

  void on_exit() override {
    wire_.reset();
    for (auto& [id, look] : std::exchange(looks_, {}))
      answer(look.askers, fail(Errc::kUnavailable, "ask DNS: the registry was closed"));
  }

 private:
  struct Asker {
    Query query;
    caf::response_promise promise;
  };
  struct Look {
    std::string domain;
    Lookup lookup;
    std::vector<Asker> askers;
  };

  caf::result<RecordsListed> list(const Query& query) {
    if (query.name.empty())
      return to_error({Errc::kUnimplemented, "DNS cannot list what there is; ask for a name"});
    const std::string domain = domain_of(query.name, query.version, options_.suffix);
    const Status status = check_domain(options_.srv.empty() ? domain : options_.srv + "." + domain);
    if (!status.ok()) return to_error(status);
    Look* look = look_at(domain);
    if (look && look->askers.size() >= kAskersOfLook)
      return to_error({Errc::kResourceExhausted, "ask DNS for " + domain + ": too many do"});
    if (!look && looks_.size() >= kLooks)
      return to_error({Errc::kResourceExhausted, "ask DNS for " + domain + ": too many names"});
    auto promise = make_response_promise<caf::response_promise>();
    if (look) {
      look->askers.push_back({query, promise});
    } else {
      auto& begun =
          looks_.emplace(++last_look_, Look{domain, {options_, query.name, query.version}, {}})
              .first->second;
      begun.askers.push_back({query, promise});
      ask(last_look_, begun.lookup.begin());
    }
    return promise;
  }

  /// The one that is under way.
  Look* look_at(const std::string& domain) {
    for (auto& [id, look] : looks_)
      if (look.domain == domain) return &look;
    return nullptr;
  }

  void ask(std::uint64_t look, const std::vector<Question>& questions) {
    for (const Question& question : questions)
      wire_->ask(question,
                 [self = caf::actor_cast<DnsRegistry>(this), look, question](const Reply& reply) {
                   tell(self, Heard{look, question, reply});
                 });
  }

  void take(const Heard& heard) {
    const auto found = looks_.find(heard.look);
    if (found == looks_.end()) return;  // it has failed already
    Look& look = found->second;
    ask(heard.look, look.lookup.take(heard.question, heard.reply));
    if (!look.lookup.done()) return;
    const auto node = looks_.extract(found);
    answer(node.mapped().askers, look.lookup.result());
  }

  void answer(std::vector<Asker>& askers, const Expected<Found>& found) {
    ++answers_;
    for (Asker& asker : askers) {
      if (!found) {
        log_debug(kRegistryName, "look failed query={} cause=\"{}\"", asker.query.to_string(),
                  found.error().to_string());
        asker.promise.deliver(to_error(found.error()));
      } else {
        asker.promise.deliver(listed(asker.query, *found));
      }
    }
  }

  RecordsListed listed(const Query& query, const Found& found) const {
    RecordsListed result{answers_, 1, {}};
    result.good_for = std::clamp<Duration>(found.ttl, options_.min_ttl, options_.max_ttl);
    for (const Instance& instance : found.instances) {
      const std::string key = record_key(instance);
      if (query.covers(key))
        result.records.push_back({key, std::make_shared<const Instance>(instance), answers_});
    }
    return result;
  }

  const DnsOptions options_;
  std::shared_ptr<Wire> wire_;
  std::map<std::uint64_t, Look> looks_;  ///< under way
  std::uint64_t last_look_ = 0;
  std::uint64_t answers_ = 0;  ///< so many: what stands for a revision
};

}  // namespace

Registry spawn_registry(System& system, DnsOptions options, std::shared_ptr<Wire> wire) {
  return Registry(
      spawn_plumbing<DnsRegistryActor>(system, kRegistryName, std::move(options), std::move(wire)));
}

}  // namespace brontes::dns
