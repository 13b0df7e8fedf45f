#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <brontes/discovery/detail/record_view.hpp>
#include <fstream>
#include <vector>

#include "discovery_cases.hpp"
#include "discovery_watcher.hpp"

namespace brontes::bench {

double resident_bytes() {
  ::malloc_trim(0);
  long pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void list(int count) {
  Store store;
  store.fill(count);
  System system;
  Discovery discovery(system, {.registry = store.url()});
  double ours = 1e9, bare = 1e9;  // the best of three: what else runs here is not of interest
  for (int i = 0; i < 3; ++i) {
    TimePoint begin = now();
    if (store.range() != count) give_up("not all keys came");
    bare = std::min(bare, ms(now() - begin));
    begin = now();
    const auto listed = discovery.list(Query{"svc", "v1"}, kHang);
    if (!listed || (*listed)->instances.size() != static_cast<std::size_t>(count))
      give_up(listed ? "not all instances came" : listed.error().to_string());
    ours = std::min(ours, ms(now() - begin));
  }
  std::printf("{\"list_ms\": %.3f, \"bare_ms\": %.3f}\n", ours, bare);
}

void memory(int count) {
  Store store;
  store.fill(count / 10);
  System system;
  Discovery discovery(system, {.registry = store.url()});
  Watcher watcher(discovery);
  watcher.wait_for_count(count / 10);
  const double before = resident_bytes();
  store.fill(count);
  watcher.wait_for_count(count);
  std::printf("{\"bytes\": %.1f}\n", (resident_bytes() - before) / (count - count / 10));
}

void change() {
  constexpr int kChanges = 200;
  Store store;
  store.fill(1000);
  System system;
  Discovery discovery(system, {.registry = store.url()});
  Watcher watcher(discovery);
  watcher.wait_for_count(1000);
  std::vector<double> over, whole;
  for (int i = 0; i < kChanges; ++i) {
    const TimePoint begin = now();
    store.put(instance(1000 + i));
    const TimePoint answered = now();
    const TimePoint heard = watcher.wait_for_count(1001 + i);
    over.push_back(ms(heard - answered));
    whole.push_back(ms(heard - begin));
    watcher.rest(std::chrono::milliseconds(60));  // what follows sooner is told together
  }
  std::sort(over.begin(), over.end());
  std::sort(whole.begin(), whole.end());
  std::printf(
      "{\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"whole_p50_ms\": %.3f, \"whole_p99_ms\": %.3f}\n",
      over[kChanges / 2], over[kChanges * 99 / 100], whole[kChanges / 2],
      whole[kChanges * 99 / 100]);
}

void publish(int count) {
  constexpr int kChanges = 200;
  RecordsListed listed{1, 1, {}};
  for (int i = 0; i < count; ++i) {
    Instance one = instance(i);
    std::string key = record_key(one);
    listed.records.push_back({std::move(key), std::make_shared<const Instance>(std::move(one)), 1});
  }
  detail::RecordView view({"svc", "v1"}, {});
  view.replace(listed, false, now());
  std::vector<InstancePtr> before = view.instances();
  std::vector<double> took;
  for (int i = 0; i < kChanges; ++i) {
    Instance one = instance(i * (count / kChanges));
    one.weight = 7;
    const std::string key = record_key(one);
    const auto revision = static_cast<std::uint64_t>(i + 2);
    const RecordsChanged changed{
        {},
        revision,
        {{RecordEvent::Type::kPut,
          {key, std::make_shared<const Instance>(std::move(one)), revision}}}};
    const TimePoint begin = now();
    view.apply(changed, begin);
    std::vector<InstancePtr> next = view.instances();
    if (difference(before, next).updated.size() != 1) give_up("the change was lost");
    before = std::move(next);
    took.push_back(ms(now() - begin) * 1000);
  }
  std::sort(took.begin(), took.end());
  std::printf("{\"us\": %.1f}\n", took[kChanges / 2]);
}

}  // namespace brontes::bench
