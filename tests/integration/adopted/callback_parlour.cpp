#include <atomic>
#include <stdexcept>

#include "parlours.hpp"

namespace brontes::testing {
namespace {

using Context = grpc::CallbackServerContext;
using grpc::Status;
using parlour::Answer;
using parlour::Ask;

std::string value_of(const Context& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  if (found == context.client_metadata().end()) return "";
  return {found->second.data(), found->second.size()};
}

// What the reactors of all kinds do alike. OnCancel may come while another reaction runs.
template <class Reactor>
class Obedient : public Reactor {
 public:
  Obedient(Diary& diary, Context& context)
      : diary_(diary),
        context_(context),
        deed_(value_of(context, "x-do")),
        finishes_late_(value_of(context, "x-then") == "finish") {
    if (deed_ == "throw") {
      diary_.note("handler");
      throw std::runtime_error("secret");
    }
    if (deed_ == "throw-in-headers") this->StartSendInitialMetadata();
  }

 protected:
  const std::string& deed() const { return deed_; }
  void in(const char* reaction) {
    if (deed_ != std::string("throw-in-") + reaction) return;
    diary_.note("threw");
    throw std::runtime_error("secret");
  }
  void end(Answer* answer) {
    diary_.note("handler");
    if (deed_ == "wait" || deed_ == "idle") return;  // for OnCancel
    if (deed_.starts_with("throw-in-") && deed_ != "throw-in-done") return;
    if (deed_ == "facts" && answer) {
      std::string keys;
      for (const auto& [key, value] : context_.client_metadata())
        keys += std::string(key.data(), key.size()) + " ";
      answer->set_text(keys);
      answer->set_index(context_.deadline() < std::chrono::system_clock::time_point::max());
      diary_.note("peer " + context_.peer());
      context_.AddInitialMetadata("x-head", "h");
      context_.AddTrailingMetadata("x-tail", "t");
    }
    if (deed_ == "odd") add_odd_metadata(context_);
    if (deed_ == "fail") return finish({grpc::StatusCode::ABORTED, "failed", "OWN DETAILS"});
    finish(Status::OK);
  }
  void finish(const Status& status) {
    if (!finished_.exchange(true)) this->Finish(status);
  }

 private:
  void OnSendInitialMetadataDone(bool) override { in("headers"); }
  void OnCancel() override {
    in("cancel");
    if (deed_.starts_with("throw-in-") && !finishes_late_) return;
    diary_.note("left");
    finish(Status(grpc::StatusCode::CANCELLED, "left"));
  }
  void OnDone() override {
    const bool throws = deed_ == "throw-in-done";
    if (deed_.starts_with("throw-in-")) diary_.note("gone");
    delete this;
    if (throws) throw std::runtime_error("secret");
  }

  Diary& diary_;
  Context& context_;
  const std::string deed_;
  const bool finishes_late_;
  std::atomic<bool> finished_{false};
};

class SayReactor final : public Obedient<grpc::ServerUnaryReactor> {
 public:
  SayReactor(Diary& diary, Context& context, const Ask& ask, Answer& answer)
      : Obedient(diary, context) {
    answer.set_text("hello " + ask.name());
    end(&answer);
  }
};

class CountdownReactor final : public Obedient<grpc::ServerWriteReactor<Answer>> {
 public:
  CountdownReactor(Diary& diary, Context& context, const Ask& ask)
      : Obedient(diary, context), left_(ask.count()) {
    next();
  }

 private:
  void next() {
    if (left_ == 0) return end(nullptr);
    answer_.set_index(left_--);
    if (left_ == 0 && deed() == "last") return StartWriteAndFinish(&answer_, {}, Status::OK);
    StartWrite(&answer_);
  }
  void OnWriteDone(bool ok) override {
    in("write");
    ok ? next() : end(nullptr);
  }

  int left_;
  Answer answer_;
};

class CollectReactor final : public Obedient<grpc::ServerReadReactor<Ask>> {
 public:
  CollectReactor(Diary& diary, Context& context, Answer& answer)
      : Obedient(diary, context), answer_(answer) {
    StartRead(&ask_);
  }

 private:
  void OnReadDone(bool ok) override {
    in(ok ? "read" : "end");
    if (!ok) return end(&answer_);
    answer_.set_index(answer_.index() + 1);
    StartRead(&ask_);
  }

  Ask ask_;
  Answer& answer_;
};

class ChatReactor final : public Obedient<grpc::ServerBidiReactor<Ask, Answer>> {
 public:
  ChatReactor(Diary& diary, Context& context) : Obedient(diary, context) { StartRead(&ask_); }

 private:
  void OnReadDone(bool ok) override {
    in(ok ? "read" : "end");
    read_all_ = !ok;
    if (!ok && deed() != "encore") return end(nullptr);
    answer_.set_text(ask_.name());
    StartWrite(&answer_);
  }
  void OnWriteDone(bool ok) override {
    in("write");
    ok && !read_all_ ? StartRead(&ask_) : end(nullptr);
  }

  Ask ask_;
  Answer answer_;
  bool read_all_ = false;
};

class CallbackParlour final : public parlour::Parlour::CallbackService {
 public:
  explicit CallbackParlour(Diary& diary) : diary_(diary) {}

 private:
  grpc::ServerUnaryReactor* Say(Context* context, const Ask* ask, Answer* answer) override {
    return new SayReactor(diary_, *context, *ask, *answer);
  }
  grpc::ServerWriteReactor<Answer>* Countdown(Context* context, const Ask* ask) override {
    return new CountdownReactor(diary_, *context, *ask);
  }
  grpc::ServerReadReactor<Ask>* Collect(Context* context, Answer* answer) override {
    return new CollectReactor(diary_, *context, *answer);
  }
  grpc::ServerBidiReactor<Ask, Answer>* Chat(Context* context) override {
    return new ChatReactor(diary_, *context);
  }

  Diary& diary_;
};

}  // namespace

std::shared_ptr<grpc::Service> make_callback_parlour(Diary& diary) {
  return std::make_shared<CallbackParlour>(diary);
}

}  // namespace brontes::testing
