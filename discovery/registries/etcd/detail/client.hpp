// Asks a cluster: one member after the other, with a token where one is needed. No actor itself,
// but part of one: what comes back, and time, reach it as messages of that actor.
#pragma once

#include <brontes/actors/backoff.hpp>
#include <brontes/discovery/registries/etcd/detail/members.hpp>
#include <brontes/discovery/registries/etcd/detail/wire.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace brontes::etcd {

/// Self -> self: the patience with that exchange is over.
struct Overdue {
  std::uint64_t exchange = 0;
};

/// What a client needs of its actor.
struct ClientHooks {
  Ear ear;                                              ///< sends Heard to the actor
  std::function<void(Duration, std::uint64_t)> remind;  ///< sends it Overdue, later
  std::function<TimePoint()> now;
};

struct Question {
  const char* path = "";
  std::string body = {};
  /// With one of several members. The only one is waited for longer.
  Duration patience = std::chrono::seconds(2);
  bool bulk = false;
};

/// An open stream; its owner tells the client how it went.
struct Stream {
  std::size_t member = 0;
  std::uint64_t era = 0;
  std::string token;
  std::unique_ptr<Exchange> exchange;
};

/// Never gives up for good; each question is answered, with an error when each member was asked
/// once or rests. Confined to its actor.
class Client {
 public:
  using Done = std::function<void(Expected<std::string>)>;
  using Opened = std::function<void(Expected<Stream>)>;
  static constexpr std::size_t kLimit = 10'000;  ///< unanswered questions

  Client(EtcdOptions options, std::shared_ptr<Wire> wire);
  /// Before anything else.
  void begin(ClientHooks hooks) { hooks_ = std::move(hooks); }
  /// Breaks everything off: nothing is answered any more.
  void end();

  void ask(Question question, Done done);
  /// On one member, without a second try: whoever watches tries again.
  void open_stream(std::uint64_t number, const char* path, std::string first, Opened opened);
  /// The stream ended badly, or was given up for its silence.
  void stream_failed(const Stream& stream, const Status& why);
  void stream_worked(const Stream& stream) { members_.worked(stream.member); }

  /// False: that is no question's exchange.
  bool heard(const Heard& heard);
  bool overdue(std::uint64_t exchange);

  /// With the member's address in front.
  Status told_by(std::size_t member, const Status& status) const;
  /// For a stream.
  std::uint64_t next_number() { return ++last_number_; }

 private:
  struct Call {
    Question question;
    Done done;
    std::vector<bool> tried;
    std::size_t member = 0;
    std::uint64_t era = 0;
    std::string token;
    bool token_renewed = false;
    bool without_token = false;  ///< it is the one that gets it
    std::unique_ptr<Exchange> exchange;
  };

  void attempt(Call call);
  void failed(Call call, const Status& why);
  void note_failure(std::size_t member, std::uint64_t era, const Status& why);
  Status stranger(const Status& why) const;
  /// Once there is a token, or none is needed, or there will be none.
  void authorized(std::function<void(const Status&)> then);
  void authenticate();
  void authenticated(const Expected<std::string>& answer);
  void drop_token(const std::string& token);

  const EtcdOptions options_;
  std::shared_ptr<Wire> wire_;
  ClientHooks hooks_;
  Members members_;
  std::uint64_t last_number_ = 0;
  std::map<std::uint64_t, Call> calls_;  ///< by exchange

  std::string token_;
  bool authenticating_ = false;
  bool auth_off_ = false;  ///< the cluster lets everybody in
  Status auth_failure_;    ///< why there is no token; OK: it was not asked for yet
  TimePoint auth_rests_until_{};
  Backoff auth_backoff_;
  std::vector<std::function<void(const Status&)>> waiting_;  ///< for the token
};

}  // namespace brontes::etcd

BRONTES_MESSAGE(brontes::etcd::Overdue)
