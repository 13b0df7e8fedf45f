// A call that came by HTTP.
#pragma once

#include <atomic>
#include <brontes/actors/call/call.hpp>
#include <brontes/gateway/detail/http_message.hpp>
#include <brontes/gateway/detail/request_binding.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace brontes::detail {

class HttpSession;

class HttpCall final : public Call {
 public:
  HttpCall(RoutedRequest request, TimePoint deadline, std::shared_ptr<HttpSession> session);

  CallPtr pointer() { return CallPtr(this); }

  // On the session's thread, by the session.
  void begin() { start(); }
  /// The peer has left: the handler is told, and its answer goes nowhere.
  void leave() { cancel(); }
  /// The deadline has passed: answers DEADLINE_EXCEEDED whatever the handler does.
  void expire();
  /// The connection was cut by the door: answers UNAVAILABLE.
  void cut_off();

 protected:
  std::string door_metadata(std::string_view key) const override;
  std::vector<std::pair<std::string, std::string>> door_all_metadata() const override;
  std::string door_peer() const override { return peer_; }
  PeerIdentity door_peer_identity() const override { return *peer_identity_; }
  void door_header(const std::string& key, const std::string& value) override;
  void door_trailer(const std::string& key, const std::string& value) override;
  Status door_parse(Message& request) override;
  /// Nothing: headers leave with the first item, so that an error before it has its own status.
  void door_send_headers() override {}
  void door_read() override;
  void door_write(const Message& reply) override;
  void door_finish(const Status& status) override;
  void door_closed() override;

 private:
  const Route& route() const { return *request_in_.match.route; }
  HttpReply reply_for(const Status& status);
  HttpHeaders headers_for(std::string_view content_type);
  Status print(const Message& message, std::string& body, std::string& content_type) const;
  void finish_stream(const Status& status);
  void end(bool ok);
  void next_message();

  RoutedRequest request_in_;  // owned: facts stay readable while a handler holds the call
  std::shared_ptr<HttpSession> session_;
  const std::string peer_address_, peer_;
  const std::shared_ptr<const PeerIdentity> peer_identity_;
  const JsonOptions json_;
  std::size_t consumed_ = 0;                         // of the body, by client streams
  std::atomic<bool> cut_off_{false};                 // the door stops: the caller may try again
  bool streaming_ = false;                           // the head of a stream was begun
  bool admitted_ = !has_one_request(method().kind);  // from here on errors are lines of a stream

  std::mutex answer_mutex_;  // guards what follows: a deadline may finish while a handler answers
  HttpHeaders headers_, trailers_;
};

}  // namespace brontes::detail
