#include <stdexcept>
#include <thread>

#include "parlours.hpp"

namespace brontes::testing {
namespace {

using grpc::ServerContext;
using grpc::Status;
using parlour::Answer;
using parlour::Ask;

class SyncParlour final : public parlour::Parlour::Service {
 public:
  explicit SyncParlour(Diary& diary) : diary_(diary) {}

 private:
  Status Say(ServerContext* context, const Ask* ask, Answer* answer) override {
    answer->set_text("hello " + ask->name());
    return obey(*context, answer);
  }

  Status Countdown(ServerContext* context, const Ask* ask,
                   grpc::ServerWriter<Answer>* answers) override {
    Answer answer;
    for (int left = ask->count(); left > 0; --left) {
      answer.set_index(left);
      if (left == 1 && deed_of(*context) == "last") {
        answers->WriteLast(answer, {});
        break;
      }
      if (!answers->Write(answer)) break;
    }
    return obey(*context, nullptr);
  }

  Status Collect(ServerContext* context, grpc::ServerReader<Ask>* asks, Answer* answer) override {
    Ask ask;
    while (asks->Read(&ask)) answer->set_index(answer->index() + 1);
    return obey(*context, answer);
  }

  Status Chat(ServerContext* context, grpc::ServerReaderWriter<Answer, Ask>* stream) override {
    Ask ask;
    Answer answer;
    while (stream->Read(&ask)) {
      answer.set_text(ask.name());
      if (!stream->Write(answer)) break;
    }
    if (deed_of(*context) == "encore") stream->Write(answer);
    return obey(*context, nullptr);
  }

  static std::string deed_of(const ServerContext& context) {
    const auto found = context.client_metadata().find("x-do");
    if (found == context.client_metadata().end()) return "";
    return {found->second.data(), found->second.size()};
  }

  Status obey(ServerContext& context, Answer* answer) {
    diary_.note("handler");
    const std::string deed = deed_of(context);
    if (deed == "throw") throw std::runtime_error("secret");
    if (deed == "fail") return {grpc::StatusCode::ABORTED, "failed", "OWN DETAILS"};
    if (deed == "wait") {
      while (!context.IsCancelled()) std::this_thread::yield();
      diary_.note("left");
    }
    if (deed == "odd") add_odd_metadata(context);
    if (deed == "hold") diary_.wait_for("release");
    if (deed == "facts" && answer) tell_facts(context, *answer);
    return Status::OK;
  }

  void tell_facts(ServerContext& context, Answer& answer) {
    std::string keys;
    for (const auto& [key, value] : context.client_metadata())
      keys += std::string(key.data(), key.size()) + " ";
    answer.set_text(keys);
    answer.set_index(context.deadline() < std::chrono::system_clock::time_point::max());
    diary_.note("peer " + context.peer());
    context.AddInitialMetadata("x-head", "h");
    context.AddTrailingMetadata("x-tail", "t");
  }

  Diary& diary_;
};

}  // namespace

std::shared_ptr<grpc::Service> make_sync_parlour(Diary& diary) {
  return std::make_shared<SyncParlour>(diary);
}

}  // namespace brontes::testing
