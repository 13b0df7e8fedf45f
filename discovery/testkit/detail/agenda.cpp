#include <algorithm>
#include <brontes/discovery/testkit/detail/agenda.hpp>
#include <cstdint>
#include <map>
#include <utility>

namespace brontes::detail {
namespace {

class AgendaActor final : public AgendaHandle::base {
 public:
  using AgendaHandle::base::base;
  const char* name() const override { return "world.agenda"; }

  behavior_type make_behavior() override {
    return {[this](const AgendaEntry& entry) { note(entry); }, [this](AgendaTick) { run_first(); }};
  }
  void on_exit() override { entries_.clear(); }

 private:
  void note(const AgendaEntry& entry) {
    entries_.emplace(std::pair(entry.when, ++last_), entry.what);
    const auto self = caf::actor_cast<AgendaHandle>(this);
    const TimePoint time = brontes::now(this);
    if (entry.when <= time)
      brontes::send(this, self, AgendaTick{});
    else
      send_after(this, self, entry.when - time, AgendaTick{});
  }

  // There is a tick for each entry, never before its time: so the first one is due.
  void run_first() {
    if (entries_.empty() || entries_.begin()->first.first > brontes::now(this)) return;
    (*entries_.extract(entries_.begin()).mapped())();
  }

  std::map<std::pair<TimePoint, std::uint64_t>, std::shared_ptr<std::function<void()>>> entries_;
  std::uint64_t last_ = 0;
};

}  // namespace

Agenda::Agenda(Scenario& stage)
    : clock_(stage.system().clock()), actor_(stage.spawn<AgendaActor>()) {}

void Agenda::at(TimePoint when, std::function<void()> what) const {
  brontes::tell(actor_,
                AgendaEntry{when, std::make_shared<std::function<void()>>(std::move(what))});
}

void Agenda::after(Duration delay, std::function<void()> what) const {
  at(brontes::after(clock_, delay), std::move(what));
}

}  // namespace brontes::detail
