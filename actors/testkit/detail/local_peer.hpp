// The two ends of a local call: LocalPeer is the caller's, LocalServerCall the door's.
#pragma once

#include <brontes/actors/call/call.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace brontes::detail {

class LocalServerCall;

/// Thread-safe. Outlives the call's server end.
class LocalPeer {
 public:
  LocalPeer(System& system, LocalCallOptions options)
      : system_(system), options_(std::move(options)) {}

  // The caller.
  void send(const Message& request);
  void half_close();
  void cancel();
  bool finished();
  Status status();
  std::unique_ptr<Message> next_reply();
  std::string header(const std::string& key) const;
  std::string trailer(const std::string& key) const;

  // The door.
  const LocalCallOptions& options() const { return options_; }
  void bind(LocalServerCall* call);
  void set_header(const std::string& key, const std::string& value);
  void set_trailer(const std::string& key, const std::string& value);
  void wants_request();
  void offers_reply(const Message& reply);
  /// `reply`: the one reply of its kind of call, if there is one.
  void end(const Status& status, const Message* reply);

 private:
  enum class Step { kNone, kRequest, kHalfClose, kReply, kNobodyReads };

  // One thread at a time moves messages; steps that come meanwhile are taken by it. Without this a
  // long stream would recurse: read, message, read...
  void pump();
  Step next_step();
  void take(LocalServerCall& call, Step step);
  template <class Condition>
  bool wait(Condition condition);

  System& system_;
  const LocalCallOptions options_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  LocalServerCall* call_ = nullptr;
  std::deque<std::unique_ptr<Message>> requests_, replies_;
  std::map<std::string, std::string> headers_, trailers_;
  const Message* offered_ = nullptr;
  int reads_ = 0;  // of a reader that is not eager
  bool pumping_ = false, wanted_ = false, half_closed_ = false, cancelled_ = false;
  std::optional<Status> status_;
};

class LocalServerCall final : public Call {
 public:
  LocalServerCall(const Method& method, const MethodTable& table, TimePoint deadline,
                  std::shared_ptr<LocalPeer> peer, const Message* request)
      : Call(method, table, deadline), peer_(std::move(peer)), first_(request) {}

  using Call::cancel;
  using Call::emit;
  using Call::start;
  using Call::written;

 private:
  std::string door_metadata(std::string_view key) const override;
  std::vector<std::pair<std::string, std::string>> door_all_metadata() const override {
    return {peer_->options().metadata.begin(), peer_->options().metadata.end()};
  }
  std::string door_peer() const override { return peer_->options().peer; }
  PeerIdentity door_peer_identity() const override { return peer_->options().peer_identity; }
  void door_header(const std::string& key, const std::string& value) override {
    peer_->set_header(key, value);
  }
  void door_trailer(const std::string& key, const std::string& value) override {
    peer_->set_trailer(key, value);
  }
  Status door_parse(Message& request) override;
  void door_send_headers() override {}
  void door_read() override { peer_->wants_request(); }
  void door_write(const Message& reply) override { peer_->offers_reply(reply); }
  void door_finish(const Status& status) override;

  const std::shared_ptr<LocalPeer> peer_;
  const Message* const first_;  // the caller's, while start() runs
};

}  // namespace brontes::detail
