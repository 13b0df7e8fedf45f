// Asks agents: so many things at a time, each with patience, reads from another agent when one does
// not answer. No actor itself, but part of one: what comes back, and time, reach it as messages.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/registries/consul/detail/wire.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace brontes::consul {

/// Self -> self: the patience with that exchange is over.
struct Overdue {
  std::uint64_t exchange = 0;
};

/// What a client needs of its actor.
struct ClientHooks {
  Ear ear;                                              ///< sends Answer to the actor
  std::function<void(Duration, std::uint64_t)> remind;  ///< sends it Overdue, later
};

struct Question {
  enum class Kind {
    kOwn,       ///< of the agent that we register with, and no other
    kRead,      ///< of any agent; of the next one when this one fails
    kBlocking,  ///< likewise, but tried once, and not counted: it waits at the agent
  };
  Kind kind = Kind::kOwn;
  const char* method = "GET";
  std::string target;
  std::string body = {};
  Duration patience = std::chrono::seconds(3);
};

/// Each question is answered. Refusals of HTTP are statuses, with the agent and its words in the
/// text. Confined to its actor.
class Client {
 public:
  using Done = std::function<void(const Answer&)>;
  static constexpr std::size_t kAtOnce = 16;     ///< blocking ones aside
  static constexpr std::size_t kLimit = 10'000;  ///< questions that wait for their turn

  Client(std::vector<std::string> agents, std::shared_ptr<Wire> wire);
  /// Before anything else.
  void begin(ClientHooks hooks) { hooks_ = std::move(hooks); }
  /// Breaks everything off: nothing is answered any more.
  void end();

  void ask(Question question, Done done);
  void heard(const Answer& answer);
  void overdue(std::uint64_t exchange);
  /// The agent that is read from.
  std::size_t reader() const { return reader_; }

 private:
  struct Call {
    Question question;
    Done done;
    std::size_t agent = 0;
    std::size_t tries = 0;
  };
  bool is_counted(const Call& call) const {
    return call.question.kind != Question::Kind::kBlocking;
  }
  void attempt(Call call);
  void settle(Call call, Answer answer);
  void next_in_line();

  const std::vector<std::string> agents_;
  std::shared_ptr<Wire> wire_;
  ClientHooks hooks_;
  std::uint64_t last_number_ = 0;
  std::size_t reader_ = 0;
  std::size_t under_way_ = 0;            ///< of those that count
  std::map<std::uint64_t, Call> calls_;  ///< by exchange
  std::deque<Call> waiting_;
};

}  // namespace brontes::consul

BRONTES_MESSAGE(brontes::consul::Overdue)
