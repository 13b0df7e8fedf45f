#include "etcd_messages.pb.h"

#include <brontes/actors/log.hpp>
#include <brontes/discovery/registries/etcd/detail/answers.hpp>
#include <brontes/discovery/registries/etcd/detail/client.hpp>
#include <utility>

namespace brontes::etcd {
namespace {

constexpr const char* kClientName = "discovery.etcd_registry";
constexpr Duration kOnlyMemberPatience = std::chrono::seconds(5);
constexpr BackoffOptions kAuthRest{std::chrono::seconds(1), std::chrono::seconds(30)};

}  // namespace

Client::Client(EtcdOptions options, std::shared_ptr<Wire> wire)
    : options_(std::move(options)),
      wire_(std::move(wire)),
      members_(options_.members, options_.seed),
      auth_backoff_(kAuthRest, options_.seed) {}

void Client::end() {
  waiting_.clear();
  calls_.clear();
  hooks_ = {};
  wire_.reset();
}

void Client::ask(Question question, Done done) {
  if (calls_.size() + waiting_.size() >= kLimit)
    return done(fail(Errc::kResourceExhausted, "too many requests wait for etcd"));
  auto call = std::make_shared<Call>();
  call->question = std::move(question);
  call->done = std::move(done);
  authorized([this, call](const Status& status) {
    status.ok() ? attempt(std::move(*call)) : call->done(fail(status));
  });
}

void Client::open_stream(std::uint64_t number, const char* path, std::string first, Opened opened) {
  authorized([this, number, path, first = std::move(first),
              opened = std::move(opened)](const Status& status) {
    if (!status.ok()) return opened(fail(status));
    const auto member = members_.choose({}, hooks_.now());
    if (!member) return opened(fail(members_.complaint()));
    Stream stream{*member, members_.era(*member), token_, nullptr};
    stream.exchange = wire_->open_stream(*member, {number, path, first, token_}, hooks_.ear);
    opened(std::move(stream));
  });
}

void Client::stream_failed(const Stream& stream, const Status& why) {
  if (is_token_refused(why)) drop_token(stream.token);
  if (is_worth_another_member(why)) note_failure(stream.member, stream.era, why);
}

void Client::attempt(Call call) {
  const auto member = members_.choose(call.tried, hooks_.now());
  if (!member) return call.done(fail(members_.complaint()));
  const std::uint64_t number = next_number();
  call.member = *member;
  call.era = members_.era(*member);
  call.token = call.without_token ? "" : token_;
  Call& kept = calls_.emplace(number, std::move(call)).first->second;
  const Question& question = kept.question;
  kept.exchange = wire_->call(
      *member, {number, question.path, question.body, kept.token, question.bulk}, hooks_.ear);
  hooks_.remind(members_.size() > 1 ? question.patience : kOnlyMemberPatience, number);
}

bool Client::heard(const Heard& heard) {
  auto node = calls_.extract(heard.exchange);
  if (!node) return false;
  Call& call = node.mapped();
  if (!heard.status.ok()) {
    failed(std::move(call), told_by(call.member, heard.status));
    return true;
  }
  members_.worked(call.member);
  call.done(heard.body);
  return true;
}

bool Client::overdue(std::uint64_t exchange) {
  auto node = calls_.extract(exchange);
  if (!node) return false;
  Call& call = node.mapped();
  call.exchange.reset();
  failed(std::move(call), told_by(call.member, {Errc::kDeadlineExceeded, "says nothing"}));
  return true;
}

void Client::failed(Call call, const Status& why) {
  if (is_token_refused(why) && !options_.user.empty() && !call.without_token &&
      !std::exchange(call.token_renewed, true)) {
    drop_token(call.token);
    auto again = std::make_shared<Call>(std::move(call));
    return authorized([this, again](const Status& status) {
      status.ok() ? attempt(std::move(*again)) : again->done(fail(status));
    });
  }
  if (!is_worth_another_member(why)) {
    members_.worked(call.member);
    return call.done(fail(is_token_refused(why) ? stranger(why) : why));
  }
  note_failure(call.member, call.era, why);
  call.tried.resize(members_.size());
  call.tried[call.member] = true;
  if (!members_.choose(call.tried, hooks_.now())) return call.done(fail(why));
  attempt(std::move(call));
}

void Client::note_failure(std::size_t member, std::uint64_t era, const Status& why) {
  if (!members_.failed(member, era, why, hooks_.now())) return;
  log_debug(kClientName, "member failed member={} cause=\"{}\"", members_.address(member),
            why.to_string());
  if (is_connection_lost(why)) wire_->reconnect(member);
}

Status Client::told_by(std::size_t member, const Status& status) const {
  return {status.code(), "etcd " + members_.address(member) + ": " + status.message()};
}

Status Client::stranger(const Status& why) const {
  return {Errc::kUnauthenticated,
          why.message() + (options_.user.empty() ? "; set registry_auth.user and .password" : "")};
}

void Client::authorized(std::function<void(const Status&)> then) {
  if (options_.user.empty() || !token_.empty() || auth_off_) return then({});
  if (!authenticating_ && hooks_.now() < auth_rests_until_) return then(auth_failure_);
  waiting_.push_back(std::move(then));
  authenticate();
}

void Client::authenticate() {
  if (std::exchange(authenticating_, true)) return;
  wire::AuthenticateRequest request;
  request.set_name(options_.user);
  request.set_password(options_.password);
  Call call;
  call.question = {kAuthenticate, request.SerializeAsString()};
  call.without_token = true;
  call.done = [this](const Expected<std::string>& answer) { authenticated(answer); };
  attempt(std::move(call));
}

void Client::authenticated(const Expected<std::string>& answer) {
  authenticating_ = false;
  wire::AuthenticateResponse response;
  auth_failure_ = answer ? Status() : answer.error();
  if (answer && response.ParseFromString(*answer) && !response.token().empty()) {
    token_ = response.token();
    auth_backoff_.reset();
  } else if (!answer && is_auth_off(answer.error())) {
    auth_off_ = true;
    auth_failure_ = {};
    log_warn(kClientName, "etcd lets everybody in, the password is not used user={}",
             options_.user);
  } else if (!answer && !is_worth_another_member(answer.error())) {
    auth_failure_ = {Errc::kUnauthenticated,
                     "log in as " + options_.user + ": " + answer.error().message()};
    auth_rests_until_ = hooks_.now() + auth_backoff_.next();
    log_error(kClientName, "log in refused, trying on cause=\"{}\"", auth_failure_.to_string());
  }
  for (const auto& then : std::exchange(waiting_, {})) then(auth_failure_);
}

void Client::drop_token(const std::string& token) {
  auth_off_ = false;
  if (token == token_) token_.clear();  // else somebody else renewed it already
}

}  // namespace brontes::etcd
