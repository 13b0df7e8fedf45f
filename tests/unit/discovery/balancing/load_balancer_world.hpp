// A load balancer under virtual time, over connections by script.
#pragma once

#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/balancing/load_balancer.hpp>
#include <brontes/discovery/balancing/round_robin.hpp>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../fake_transport.hpp"

namespace brontes::testing {

using namespace std::chrono_literals;

struct RecordingWaiter final : Waiter {
  void resume() override { ++resumed; }
  void give_up(Status status) override { why = std::move(status); }
  bool abandoned() const override { return gone; }
  int resumed = 0;
  Status why;
  bool gone = false;
};

struct LoadBalancerScenario : ScenarioTest {
  LoadBalancerScenario() {
    options.service = "greeter/v1";
    options.registry = "memory:";
    options.transport = transport;
    options.policy = make_round_robin(0);
    options.picker = published;
    options.slow_start = {};
    options.on_published = [this](const Picker&) { ++publications; };
  }
  ~LoadBalancerScenario() override {
    stop(balancer);
    run();
  }
  void start() { balancer = spawn_load_balancer(system(), options); }

  static InstancePtr instance(const std::string& address, const std::string& incarnation = "1",
                              bool healthy = true) {
    auto made = std::make_shared<Instance>();
    made->instance_id = made->address = address;
    made->healthy = healthy;
    made->metadata["brontes.incarnation"] = incarnation;
    return made;
  }
  void resolve(std::vector<InstancePtr> instances, SnapshotStatus status = SnapshotStatus::kLive) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->instances = std::move(instances);
    snapshot->status = status;
    if (status == SnapshotStatus::kStale) snapshot->cause = {Errc::kUnavailable, "etcd is gone"};
    if (slot->put(snapshot)) tell(balancer, SnapshotReady{slot});
    run();
  }
  void report(const std::string& address, Connectivity state) {
    transport->at(address).report(state);
    run();
  }
  std::set<std::string> picked() const {
    std::set<std::string> addresses;
    const auto picker = published->get();
    for (std::size_t i = 0; i < picker->size(); ++i)
      addresses.insert(picker->pick({}).endpoint->address());
    return addresses;
  }
  std::shared_ptr<RecordingWaiter> wait(Duration not_before, Duration deadline) {
    auto waiter = std::make_shared<RecordingWaiter>();
    tell(balancer, AwaitEndpoint{waiter, now() + not_before, now() + deadline});
    run();
    return waiter;
  }

  std::shared_ptr<FakeTransport> transport = std::make_shared<FakeTransport>();
  std::shared_ptr<Published<Picker>> published =
      std::make_shared<Published<Picker>>(std::make_shared<EmptyPicker>(""));
  std::shared_ptr<SubscriberSlot> slot = std::make_shared<SubscriberSlot>("memory:", Query{});
  LoadBalancerOptions options;
  LoadBalancer balancer;
  int publications = 0;
};

}  // namespace brontes::testing
