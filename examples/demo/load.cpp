#include "load.hpp"

#include <brontes/discovery/channel/client_call.hpp>

#include "greeter.brontes.hpp"

namespace demo {
namespace {

int sum(const std::map<std::string, int>& counts) {
  int total = 0;
  for (const auto& [key, count] : counts) total += count;
  return total;
}

}  // namespace

int Tally::answered() const { return sum(calls); }
int Tally::failed() const { return sum(failures); }

Load::Load(const brontes::Channel& channel, int callers, int calls_each) : tallies_(callers) {
  for (auto& tally : tallies_)
    callers_.emplace_back([this, channel, calls_each, &tally] { run(channel, calls_each, tally); });
}

Load::~Load() { (void)finish(); }

void Load::run(const brontes::Channel& channel, int calls, Tally& tally) {
  Hello::HelloReq request;
  request.set_name("brontes");
  for (int i = 0; i < calls; ++i) {
    const auto call = brontes::call<Hello::GreeterMethods::SayHello>(channel, request);
    if (const auto reply = call.wait()) {
      const brontes::CallFacts facts = call.facts();
      ++tally.calls[facts.address];
      tally.resent += facts.attempts > 1 ? 1 : 0;
    } else {
      ++tally.failures[reply.error().to_string()];
    }
    ++made_;
    made_.notify_all();
  }
}

void Load::wait_for(int calls) const {
  for (int made = made_; made < calls; made = made_) made_.wait(made);
}

Tally Load::finish() {
  callers_.clear();
  Tally all;
  for (const auto& tally : tallies_) {
    for (const auto& [address, count] : tally.calls) all.calls[address] += count;
    for (const auto& [status, count] : tally.failures) all.failures[status] += count;
    all.resent += tally.resent;
  }
  return all;
}

}  // namespace demo
