#include <brontes/discovery/registries/consul/detail/client.hpp>
#include <utility>

namespace brontes::consul {
namespace {

using Kind = Question::Kind;

constexpr std::size_t kWords = 200;  // of an agent, in an error

bool says(const Answer& answer, std::string_view text) {
  return answer.body.find(text) != std::string::npos;
}

Errc code_of(const Answer& answer) {
  // An agent that lost a service says so with 500 up to Consul 1.10 or so, with 404 later.
  if (answer.code == 404 || says(answer, "does not have associated TTL") ||
      says(answer, "Unknown check") || says(answer, "Unknown service"))
    return Errc::kNotFound;
  switch (answer.code) {
    case 400:
      return Errc::kInvalidArgument;
    case 401:
      return Errc::kUnauthenticated;
    case 403:
      return Errc::kPermissionDenied;
    case 429:
      return Errc::kResourceExhausted;
    default:  // 500 is also "No cluster leader", and "ACL not found" of an unknown token
      return says(answer, "ACL not found") || says(answer, "Permission denied")
                 ? Errc::kPermissionDenied
                 : Errc::kUnavailable;
  }
}

Status judge(const Answer& answer, const std::string& agent) {
  const std::string where = "Consul's agent " + agent + ": ";
  if (!answer.status.ok()) return {answer.status.code(), where + answer.status.message()};
  if (answer.code >= 200 && answer.code < 300) return {};
  return {code_of(answer),
          where + "HTTP " + std::to_string(answer.code) + " " + answer.body.substr(0, kWords)};
}

bool is_worth_another_agent(const Status& status) {
  return status.code() == Errc::kUnavailable || status.code() == Errc::kDeadlineExceeded;
}

}  // namespace

Client::Client(std::vector<std::string> agents, std::shared_ptr<Wire> wire)
    : agents_(std::move(agents)), wire_(std::move(wire)) {}

void Client::end() {
  calls_.clear();
  waiting_.clear();
  hooks_ = {};
  wire_.reset();
}

void Client::ask(Question question, Done done) {
  Call call{std::move(question), std::move(done)};
  if (!is_counted(call) || under_way_ < kAtOnce) {
    under_way_ += is_counted(call) ? 1 : 0;
    return attempt(std::move(call));
  }
  if (waiting_.size() < kLimit) return waiting_.push_back(std::move(call));
  Answer answer;
  answer.status = {Errc::kResourceExhausted, "too many requests wait for Consul"};
  call.done(answer);
}

void Client::attempt(Call call) {
  call.agent = call.question.kind == Kind::kOwn ? 0 : reader_;
  ++call.tries;
  const std::uint64_t number = ++last_number_;
  const Question& question = calls_.emplace(number, std::move(call)).first->second.question;
  hooks_.remind(question.patience, number);
  wire_->send({number, calls_[number].agent, question.method, question.target, question.body,
               question.kind == Kind::kBlocking},
              hooks_.ear);
}

void Client::heard(const Answer& answer) {
  if (auto node = calls_.extract(answer.exchange)) settle(std::move(node.mapped()), answer);
}

void Client::overdue(std::uint64_t exchange) {
  auto node = calls_.extract(exchange);
  if (!node) return;
  wire_->give_up(exchange);
  Answer answer;
  answer.status = {Errc::kDeadlineExceeded, "no answer"};
  settle(std::move(node.mapped()), std::move(answer));
}

void Client::settle(Call call, Answer answer) {
  answer.agent = call.agent;
  answer.status = judge(answer, agents_[call.agent]);
  if (call.question.kind != Kind::kOwn && is_worth_another_agent(answer.status)) {
    if (reader_ == call.agent) reader_ = (reader_ + 1) % agents_.size();
    if (call.question.kind == Kind::kRead && call.tries < agents_.size())
      return attempt(std::move(call));
  }
  if (is_counted(call)) {
    --under_way_;
    next_in_line();
  }
  call.done(answer);
}

void Client::next_in_line() {
  if (waiting_.empty() || under_way_ >= kAtOnce) return;
  Call next = std::move(waiting_.front());
  waiting_.pop_front();
  ++under_way_;
  attempt(std::move(next));
}

}  // namespace brontes::consul
