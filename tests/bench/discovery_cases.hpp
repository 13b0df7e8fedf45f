// The cases of bench_discovery; each measures once and prints one JSON object.
#pragma once

#include <string>

namespace brontes::bench {

void list(int count);
void memory(int count);
void change();
/// One change in so many: from the event to the next snapshot, without any wire.
void publish(int count);

/// So many subscribers, one change.
void fanout(int count);
/// So many actors that subscribe by themselves, one change.
void actor_fanout(int count);
/// The same without anything of ours: an actor each, one message each, from one actor.
void bare_fanout(int count);
/// So many subscribers, one of which does not come back; what a thousand changes leave behind.
void stalled(int count);

/// A thousand instances that others keep changing, through one subscriber.
void churn(int changes);
/// The others: changes what is registered at "h:p" that often.
void churn_writer(const std::string& address, int changes);

}  // namespace brontes::bench
