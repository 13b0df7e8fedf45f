// Agents of Consul that say what a test tells them to: what was asked stays in a list until the
// test answers it.
#pragma once

#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/registries/consul/detail/service.hpp>
#include <brontes/discovery/registries/consul/detail/wire.hpp>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace brontes::consul {

class ScriptedAgents final : public Wire {
 public:
  struct Asked {
    Request request;
    Ear ear;

    /// As if over HTTP.
    void answer(std::string body = "", std::uint64_t index = 0, unsigned code = 200,
                Duration retry_after = {}) {
      ear({request.exchange, 0, {}, code, index, retry_after, std::move(body)});
    }
    void refuse(unsigned code, std::string words) { answer(std::move(words), 0, code); }
    void fail() { ear({request.exchange, 0, {Errc::kUnavailable, "connection refused"}}); }
  };

  void send(Request request, Ear ear) override {
    questions.push_back({std::move(request), std::move(ear)});
  }
  void give_up(std::uint64_t exchange) override { given_up.insert(exchange); }

  std::deque<Asked> questions;       ///< not taken by the test yet
  std::set<std::uint64_t> given_up;  ///< exchanges
};

/// The registry at "a:1" and "b:1", and who asks it.
struct ConsulScenario : ScenarioTest {
  std::shared_ptr<ScriptedAgents> agents = std::make_shared<ScriptedAgents>();
  Registry registry;
  Probe<Registry> asker = probe<Registry>("asker");
  Probe<Watcher> watcher = probe<Watcher>("watcher");

  ConsulScenario() = default;
  ~ConsulScenario() override {
    if (registry) stop(registry);
  }

  void begin(std::string datacenter = "") {
    ConsulOptions options;
    options.agents = {"a:1", "b:1"};
    options.prefix = "/p";
    options.datacenter = std::move(datacenter);
    registry = spawn_registry(system(), std::move(options), agents);
    run();
  }
  /// What was asked next; it must be that.
  ScriptedAgents::Asked next(const std::string& what) {
    run();
    if (agents->questions.empty()) {
      ADD_FAILURE() << "nothing was asked, " << what << " is expected";
      return {{}, [](const Answer&) {}};
    }
    ScriptedAgents::Asked asked = std::move(agents->questions.front());
    agents->questions.pop_front();
    EXPECT_EQ(asked.request.method + (" " + asked.request.target), what);
    return asked;
  }
  bool nothing_asked() {
    run();
    return agents->questions.empty();
  }
  Errc refusal() { return asker.expect<Status>()->code(); }
  LeaseId grant(std::chrono::seconds ttl = std::chrono::seconds(15)) {
    asker.tell(registry, GrantLease{ttl});
    return asker.expect<LeaseGranted>()->lease;
  }

  static Instance instance(const std::string& id, std::uint64_t born = 5) {
    Instance result;
    result.name = "svc";
    result.instance_id = id;
    result.address = "h:1";
    result.metadata["brontes.incarnation"] = std::to_string(born);
    return result;
  }
  /// As the agent has it.
  static nlohmann::json service(const Instance& instance) {
    auto json = nlohmann::json::parse(registration(instance, "/p", std::chrono::seconds(15)));
    json["Service"] = json["Name"];
    json.erase("Name");
    json.erase("Check");
    return json;
  }
  /// As the servers show it.
  static nlohmann::json entry(const Instance& instance, const char* status = "passing",
                              const char* output = "") {
    return {{"Node", {{"Address", "10.0.0.1"}}},
            {"Service", service(instance)},
            {"Checks", {{{"CheckID", "service:x"}, {"Status", status}, {"Output", output}}}}};
  }
  static std::string shown(const std::vector<Instance>& instances) {
    auto all = nlohmann::json::array();
    for (const Instance& one : instances) all.push_back(entry(one));
    return all.dump();
  }
  static constexpr const char* kHealth = "GET /v1/health/service/svc";
  static constexpr const char* kList = "GET /v1/health/service/svc?consistent";

  /// Put under the lease, from the first question to the answer.
  void put(LeaseId lease, const Instance& what, const std::vector<Instance>& then_shown,
           std::uint64_t index) {
    asker.tell(registry, PutRecord{lease, what});
    next("GET /v1/agent/service/" + what.instance_id).refuse(404, "unknown service ID");
    next("PUT /v1/agent/service/register").answer();
    next("PUT /v1/agent/check/pass/service:" + what.instance_id).answer();
    next(kHealth).answer(shown(then_shown), index);
    asker.expect<RecordPut>();
  }
};

}  // namespace brontes::consul
