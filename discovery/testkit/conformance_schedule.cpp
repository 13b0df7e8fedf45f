// Random schedules against a registry: what it lists, and what a watcher knows that is interrupted
// and resumed, must be what a model says. A seed is a schedule, on every machine.
#include <algorithm>
#include <brontes/discovery/testkit/detail/conformance_stage.hpp>
#include <map>
#include <random>
#include <utility>

namespace brontes::detail {
namespace {

using View = std::map<std::string, std::uint32_t>;  // key -> weight

struct Model {
  std::vector<LeaseId> leases;  ///< that are held
  std::vector<LeaseId> ended;
  std::map<std::string, std::pair<LeaseId, std::uint32_t>> records;

  bool holds(LeaseId lease) const {
    return std::find(leases.begin(), leases.end(), lease) != leases.end();
  }
  void end(LeaseId lease) {
    if (std::erase(leases, lease) > 0) ended.push_back(lease);
    std::erase_if(records, [&](const auto& entry) { return entry.second.first == lease; });
  }
  Texts ids(LeaseId lease) const {
    Texts result;
    for (const auto& [key, record] : records)
      if (record.first == lease) result.push_back(key.substr(key.find('/') + 1));
    return result;
  }
  View view() const {
    View result;
    for (const auto& [key, record] : records) result[key] = record.second;
    return result;
  }
};

class Schedule {
 public:
  Schedule(ConformanceStage& stage, std::uint32_t seed)
      : stage_(stage),
        random_(seed),
        watches_(stage.features().watchable && stage.features().revisions) {}

  void run(int steps) {
    grant();
    if (watches_) list_and_watch();
    for (int i = 0; i < steps && !stage_.failed(); ++i) {
      step();
      stage_.check(listed() == model_.view(), "the list is not what the model says");
      if (watches_ && pick(4) == 0) resume();
      if (stage_.failed()) stage_.check(false, "this was step " + std::to_string(i));
    }
    if (!watches_ || stage_.failed()) return;
    resume();
    catch_up();
    stage_.equal(client().violations(), {}, "the watch breaks rules");
    stage_.check(resumptions_ > listings_, "it could never be resumed, only listed anew");
  }

 private:
  RegistryClient& client() { return stage_.client(); }
  std::uint32_t pick(std::uint32_t below) { return random_() % below; }
  LeaseId some_lease() {
    const bool held = !model_.leases.empty() && pick(8) > 0;
    const auto& from = held || model_.ended.empty() ? model_.leases : model_.ended;
    return from.empty() ? LeaseId{999'999} : from[pick(static_cast<std::uint32_t>(from.size()))];
  }

  void step() {
    const std::uint32_t which = pick(20);
    if (which < 3) return grant();
    if (which < 11) return put();
    if (which < 13) return renew();
    if (which < 15) return remove();
    if (which < 16) return end(false);
    if (which < 17) return end(true);
    if (!watches_) return;
    if (which < 18) return forget();
    if (which < 19) return pause();
    catch_up();
  }

  void grant() { model_.leases.push_back(stage_.grant()); }
  void forget() { stage_.hand().compact(); }
  void put() {
    const LeaseId lease = some_lease();
    Instance what = sample_instance("i" + std::to_string(pick(10)));
    what.weight = 1 + pick(3);
    const auto done = client().put(lease, what);
    if (!model_.holds(lease)) {
      stage_.refused(done, Errc::kNotFound, "a put under a lease that ended");
    } else if (stage_.answered(done, "a put")) {
      model_.records[record_key(what)] = {lease, what.weight};
    }
  }
  void renew() {
    const LeaseId lease = some_lease();
    stage_.check(client().renew(lease).has_value() == model_.holds(lease),
                 "a lease is renewed that ended, or not renewed though it is held");
  }
  void remove() {
    const LeaseId lease = some_lease();
    const std::string key = "svc/i" + std::to_string(pick(10));
    stage_.answered(client().remove(lease, key), "removing a record");
    const auto found = model_.records.find(key);
    if (found != model_.records.end() && found->second.first == lease) model_.records.erase(found);
  }
  void end(bool by_itself) {
    const LeaseId lease = some_lease();
    if (!by_itself || !model_.holds(lease) || !stage_.hand().expire(lease, model_.ids(lease)))
      stage_.answered(client().revoke(lease), "revoking a lease");
    model_.end(lease);
  }

  View listed() {
    View result;
    for (const Record& record : stage_.list().records) result[record.key] = record.instance->weight;
    return result;
  }
  static View view_of(const Seen& seen) {
    View result;
    for (const auto& [key, instance] : seen.view) result[key] = instance->weight;
    return result;
  }

  /// From the list, with nothing known before.
  void list_and_watch() {
    const RecordsListed all = stage_.list();
    if (!stage_.answered(client().watch({"svc"}, all.revision), "watching")) return;
    client().wait_until([&](Seen& seen) {
      for (const Record& record : all.records) seen.view.emplace(record.key, record.instance);
      return true;
    });
    ++listings_;
  }
  void resume() {
    watching_ = true;
    const auto started = client().resume({"svc"});
    ++resumptions_;
    if (started) return;
    stage_.refused(started, Errc::kOutOfRange, "resuming");
    list_and_watch();
  }
  /// The watcher comes to know what the model says, or that it must list.
  void catch_up() {
    if (!watching_) resume();
    const View wanted = model_.view();
    bool broken = false;
    const bool settled = client().wait_until([&](const Seen& seen) {
      broken = seen.broken;
      return broken || view_of(seen) == wanted;
    });
    if (!stage_.check(settled, "the watcher errs") || !broken) return;
    stage_.check(client().why_broken().code() == Errc::kOutOfRange,
                 "the watch broke: " + client().why_broken().to_string());
    list_and_watch();
  }
  void pause() {
    client().stop_watching();
    watching_ = false;
  }

  ConformanceStage& stage_;
  std::mt19937 random_;
  const bool watches_;
  Model model_;
  bool watching_ = true;
  int listings_ = 0, resumptions_ = 0;
};

}  // namespace

void run_schedule(ConformanceStage& stage, std::uint32_t seed, int steps) {
  Schedule(stage, seed).run(steps);
}

}  // namespace brontes::detail
