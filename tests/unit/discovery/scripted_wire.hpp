// A cluster of etcd that says what a test tells it to: what was asked stays in a list until the
// test answers it.
#pragma once

#include "etcd_messages.pb.h"

#include <algorithm>
#include <brontes/actors/testkit/gtest.hpp>
#include <brontes/discovery/registries/etcd/detail/wire.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace brontes::etcd {

class ScriptedWire final : public Wire {
 public:
  /// One call or stream, from its beginning to its end.
  struct Talk {
    std::size_t member = 0;
    Request request;
    Ear ear;
    bool stream = false;
    bool broken_off = false;        ///< by the registry
    int listened = 0;               ///< for messages of the stream, the first one excluded
    std::vector<std::string> more;  ///< what was sent on it

    template <class Message>
    Message asked() const {
      Message message;
      EXPECT_TRUE(message.ParseFromString(request.body)) << request.path;
      return message;
    }
    void answer(const google::protobuf::MessageLite& message) {
      say({request.exchange, {}, message.SerializeAsString(), !stream});
    }
    void fail(Errc code, std::string text) { say({request.exchange, {code, std::move(text)}, {}}); }

   private:
    void say(const Heard& heard) {
      if (!broken_off) ear(heard);
      if (heard.last) ear = nullptr;
    }
  };
  using TalkPtr = std::shared_ptr<Talk>;

  std::unique_ptr<Exchange> call(std::size_t member, Request request, Ear ear) override {
    return begin(member, std::move(request), std::move(ear), false);
  }
  std::unique_ptr<Exchange> open_stream(std::size_t member, Request request, Ear ear) override {
    return begin(member, std::move(request), std::move(ear), true);
  }
  void reconnect(std::size_t member) override { reconnected.push_back(member); }

  std::deque<TalkPtr> talks;             ///< not taken by the test yet
  std::vector<std::size_t> reconnected;  ///< members

 private:
  struct Ending final : Exchange {
    explicit Ending(TalkPtr begun) : talk(std::move(begun)) {}
    ~Ending() override {
      talk->broken_off = true;
      talk->ear = nullptr;
    }
    void send(std::string message) override { talk->more.push_back(std::move(message)); }
    void listen() override { ++talk->listened; }
    TalkPtr talk;
  };

  std::unique_ptr<Exchange> begin(std::size_t member, Request request, Ear ear, bool stream) {
    auto talk = std::make_shared<Talk>();
    talk->member = member;
    talk->request = std::move(request);
    talk->ear = std::move(ear);
    talk->stream = stream;
    talks.push_back(talk);
    return std::make_unique<Ending>(std::move(talk));
  }
};

/// The registry of "a:1" and "b:1" (or of "a:1" alone), and who asks it.
struct EtcdScenario : ScenarioTest {
  std::shared_ptr<ScriptedWire> wire = std::make_shared<ScriptedWire>();
  Registry registry;
  Probe<Registry> asker = probe<Registry>("asker");
  Probe<Watcher> watcher = probe<Watcher>("watcher");

  EtcdScenario() = default;
  ~EtcdScenario() override {
    if (registry) stop(registry);
  }

  void begin(std::vector<std::string> members = {"a:1", "b:1"}, std::string user = "") {
    EtcdOptions options;
    options.members = std::move(members);
    options.prefix = "/p";
    options.user = std::move(user);
    options.password = "secret";
    options.seed = 2;  // begins with the first member
    registry = spawn_registry(system(), std::move(options), wire);
    run();
  }
  /// What was asked next; it must be that.
  ScriptedWire::TalkPtr next(const char* path) {
    run();
    if (wire->talks.empty()) {
      ADD_FAILURE() << "nothing was asked, " << path << " is expected";
      return std::make_shared<ScriptedWire::Talk>();
    }
    auto talk = wire->talks.front();
    wire->talks.pop_front();
    EXPECT_STREQ(talk->request.path, path);
    return talk;
  }
  bool nothing_asked() {
    run();
    return wire->talks.empty();
  }
  Errc refusal() { return asker.expect<Status>()->code(); }

  template <class Message>
  static Message at(std::int64_t revision, std::uint64_t cluster = 1) {
    Message message;
    message.mutable_header()->set_revision(revision);
    message.mutable_header()->set_cluster_id(cluster);
    return message;
  }
  /// What is at the mark that tells one life of the data from the next; "": nothing.
  static wire::RangeResponse marked(const std::string& mark) {
    auto message = at<wire::RangeResponse>(1);
    if (mark.empty()) return message;
    wire::KeyValue& pair = *message.add_kvs();
    pair.set_key("/p/_epoch");
    pair.set_value(mark);
    return message;
  }
  static wire::LeaseGrantResponse granted(std::int64_t lease) {
    auto message = at<wire::LeaseGrantResponse>(1);
    message.set_id(lease);
    message.set_ttl(10);
    return message;
  }
  static Instance instance(const std::string& id, std::uint64_t born = 1) {
    Instance result;
    result.name = "svc";
    result.instance_id = id;
    result.address = "h:1";
    result.metadata["brontes.incarnation"] = std::to_string(born);
    return result;
  }
  static wire::KeyValue pair(const std::string& id, std::int64_t revision, std::string value = "",
                             std::int64_t lease = 7) {
    wire::KeyValue result;
    result.set_key("/p/svc/" + id);
    result.set_mod_revision(revision);
    result.set_value(value.empty() ? to_json(instance(id)) : std::move(value));
    result.set_lease(lease);
    return result;
  }
};

}  // namespace brontes::etcd
