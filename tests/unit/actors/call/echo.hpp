// The service of the call tests, as functions and as an actor, and a recording interceptor.
#pragma once

#include <atomic>
#include <brontes/actors/call/actor_host.hpp>
#include <brontes/actors/call/handlers.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <testing.brontes.hpp>
#include <vector>

namespace brontes::testing {

using Echo = EchoMethods;

/// What the handlers saw.
struct Seen {
  std::atomic<int> made{0}, started{0}, stopped{0}, said{0}, produced{0}, taken{0}, cancelled{0};
};

inline Status say(Seen& seen, const Ask& ask, Answer& answer) {
  ++seen.said;
  if (ask.name() == "throw") throw std::runtime_error("a secret cause");
  if (ask.name().empty()) return {Errc::kInvalidArgument, "name is empty", "DETAILS"};
  answer.set_text("hello " + ask.name());
  return {};
}

inline auto countdown(Seen& seen, const Ask& ask) {
  return [&seen, left = ask.count(),
          throws = ask.name() == "throw"](Answer& answer) mutable -> Expected<bool> {
    if (throws && left == 1) throw std::runtime_error("a secret cause");
    if (left == 0) return false;
    if (left < 0) return fail(Errc::kOutOfRange, "count is below zero");
    ++seen.produced;
    answer.set_index(left--);
    return true;
  };
}

inline auto collect(Seen& seen) {
  return [&seen](const Ask* ask, Answer& answer) {
    if (!ask) return Status();
    ++seen.taken;
    answer.set_index(answer.index() + 1);
    return ask->name() == "stop" ? Status(Errc::kAborted, "told to") : Status();
  };
}

/// `count` answers to each ask; "bye" at the half close.
inline auto chat(Seen& seen) {
  return [&seen](const Ask* ask, Writer<Answer>& answers) {
    Answer answer;
    answer.set_text(ask ? ask->name() : "bye");
    if (ask) ++seen.taken;
    for (int i = 0; i < (ask ? ask->count() : 1); ++i) {
      answer.set_index(i);
      answers.write(answer);
      ++seen.produced;
    }
    return ask && ask->name() == "stop" ? Status(Errc::kAborted, "told to") : Status();
  };
}

inline Functions<Echo> echo_functions(Seen& seen) {
  Functions<Echo> echo;
  echo.on<Echo::Say>([&seen](const Ask& ask, Answer& answer) { return say(seen, ask, answer); })
      .on<Echo::Countdown>([&seen](const Ask& ask) { return countdown(seen, ask); })
      .on<Echo::Collect>([&seen] { return collect(seen); })
      .on<Echo::Chat>([&seen](Call&) { return chat(seen); });
  return echo;
}

/// Names with a meaning: "later" is answered after `count` ms, "never" is kept, "drop" is dropped.
class EchoActor final : public ServiceActor {
 public:
  explicit EchoActor(Seen& seen) : seen_(seen), number_(++seen.made) {
    on<Echo::Say>([this](const Ask& ask, Reply<Echo::Say> reply) { take(ask, std::move(reply)); });
    on<Echo::Countdown>([&seen](const Ask& ask) { return countdown(seen, ask); });
    on<Echo::Collect>([&seen] { return collect(seen); });
    on<Echo::Chat>([&seen](Call&) { return chat(seen); });
  }
  ~EchoActor() override { --seen_.made; }

  void on_start() override { ++seen_.started; }
  void on_stop() override { ++seen_.stopped; }

 private:
  void take(const Ask& ask, Reply<Echo::Say> reply) {
    if (ask.name() == "drop") return;
    if (ask.name() == "never") return kept_.push_back(std::move(reply));
    if (ask.name() == "later")
      return after(
          std::chrono::milliseconds(ask.count()),
          [this, ask, reply = std::move(reply)]() mutable { answer(ask, std::move(reply)); });
    answer(ask, std::move(reply));
  }
  void answer(const Ask& ask, Reply<Echo::Say> reply) {
    Status status = say(seen_, ask, *reply);
    reply->set_index(number_);
    reply.finish(std::move(status));
  }

  Seen& seen_;
  const int number_;
  std::vector<Reply<Echo::Say>> kept_;
};

/// Refuses what the metadata and the request tell it to; counts every call.
class Recorder final : public Interceptor {
 public:
  explicit Recorder(std::string label = "recorder", std::vector<std::string>* order = nullptr)
      : label_(std::move(label)), order_(order) {}
  const char* name() const override { return label_.c_str(); }
  Status on_headers(Call& call) override {
    ++begun;
    note("headers");
    if (call.metadata("x-boom") == label_) throw std::runtime_error("a secret cause");
    if (call.metadata("x-refuse") == label_) {
      call.add_trailer("x-why", "token");
      return {Errc::kUnauthenticated, "no", "DETAILS"};
    }
    return {};
  }
  Status on_request(Call&, const Message& request) override {
    note("request");
    const auto* ask = dynamic_cast<const Ask*>(&request);
    if (ask && ask->name() == "forbidden") return {Errc::kPermissionDenied, "that name"};
    return {};
  }
  void on_done(const Call&, const Outcome& outcome) noexcept override {
    note("done");
    ++done;
    const std::lock_guard lock(mutex_);
    ++codes_[outcome.status.code()];
    undelivered_ += outcome.delivered ? 0 : 1;
    latency_ = outcome.latency;
  }

  int ended_with(Errc code) {
    const std::lock_guard lock(mutex_);
    return codes_[code];
  }
  int undelivered() const { return undelivered_; }
  Duration latency() const { return latency_; }

  std::atomic<int> begun{0}, done{0};

 private:
  void note(const char* what) {
    if (order_) order_->push_back(label_ + "." + what);
  }
  const std::string label_;
  std::vector<std::string>* const order_;
  std::mutex mutex_;
  std::map<Errc, int> codes_;
  int undelivered_ = 0;
  Duration latency_{};
};

}  // namespace brontes::testing
