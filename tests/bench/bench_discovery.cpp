// What discovery costs at scale, over `brontes registry` as a process of its own. The case says
// what:
//   list-COUNT       {"list_ms", "bare_ms"}: a list as users get it, and the bare range of the same
//   memory-COUNT     {"bytes"}: per instance, of a subscriber that knows them all
//   change           {"p50_ms", "p99_ms"}: from the answer to a put to the subscriber's callback;
//                    {"whole_p50_ms", "whole_p99_ms"}: from before the put
//   publish-COUNT    {"us"}: one change among so many: applied, the next snapshot made and compared
//   fanout-COUNT     {"ms"}: from the first to the last of so many subscribers to one change
//   actor_fanout-COUNT  {"ms"}: the same of so many actors that subscribe by themselves
//   bare_fanout-COUNT  {"ms"}: the same of so many bare actors that are sent one message
//   stalled-COUNT    {"kb"}: memory grown by 100 changes, one of so many subscribers standing still
//   churn-CHANGES    {"cpu_us", "events_per_s", "late_ms"}: of a subscriber, per change; as fast as
//                    others write; from the last change to its callback
//   writer H:P N     writes N changes at that registry, for churn
#include <cstdlib>
#include <map>
#include <string>

#include "discovery_cases.hpp"
#include "discovery_store.hpp"

int main(int argc, char** argv) {
  using namespace brontes::bench;
  const std::map<std::string, void (*)(int)> cases{{"list", list},
                                                   {"memory", memory},
                                                   {"publish", publish},
                                                   {"fanout", fanout},
                                                   {"actor_fanout", actor_fanout},
                                                   {"bare_fanout", bare_fanout},
                                                   {"stalled", stalled},
                                                   {"churn", churn}};
  const std::string wish = argc > 1 ? argv[1] : "";
  if (argc == 4 && wish == "writer") return churn_writer(argv[2], std::atoi(argv[3])), 0;
  if (argc == 2 && wish == "change") return change(), 0;
  const auto dash = wish.rfind('-');
  const auto found = cases.find(wish.substr(0, dash));
  const int count = dash == wish.npos ? 0 : std::atoi(wish.c_str() + dash + 1);
  if (argc == 2 && found != cases.end() && count >= 200) return found->second(count), 0;
  std::fprintf(stderr,
               "usage: bench_discovery change | CASE-COUNT (list memory publish fanout bare_fanout "
               "stalled churn; at least 200)\n");
  return 2;
}
