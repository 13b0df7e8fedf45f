// A stock gRPC server in this process, on a port of its own, that counts and can be held up.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "testing.grpc.pb.h"

namespace brontes::testing {

/// A door that tests close and open.
class Gate {
 public:
  void open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  /// Blocks until that many have come to the gate.
  void await(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

/// Answers with its id. `on_say` may do otherwise.
class EchoService final : public Echo::Service {
 public:
  using OnSay = std::function<grpc::Status(grpc::ServerContext&, const Ask&, Answer&)>;

  explicit EchoService(std::string id) : id_(std::move(id)) {}
  std::atomic<int> calls{0};
  OnSay on_say;

  grpc::Status Say(grpc::ServerContext* context, const Ask* ask, Answer* answer) override {
    ++calls;
    answer->set_text(id_);
    return on_say ? on_say(*context, *ask, *answer) : grpc::Status::OK;
  }
  grpc::Status Countdown(grpc::ServerContext*, const Ask* ask,
                         grpc::ServerWriter<Answer>* writer) override {
    ++calls;
    Answer answer;
    for (int i = ask->count(); i > 0; --i) {
      answer.set_index(i);
      writer->Write(answer);
    }
    return grpc::Status::OK;
  }
  grpc::Status Collect(grpc::ServerContext*, grpc::ServerReader<Ask>* reader,
                       Answer* answer) override {
    ++calls;
    Ask ask;
    int count = 0;
    while (reader->Read(&ask)) ++count;
    answer->set_index(count);
    return grpc::Status::OK;
  }
  grpc::Status Chat(grpc::ServerContext*, grpc::ServerReaderWriter<Answer, Ask>* stream) override {
    ++calls;
    Ask ask;
    Answer answer;
    while (stream->Read(&ask)) {
      answer.set_text(ask.name());
      stream->Write(answer);
    }
    return grpc::Status::OK;
  }

 private:
  const std::string id_;
};

class EchoServer {
 public:
  explicit EchoServer(std::string id, int port = 0) : service(std::move(id)) {
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&service);
    server_ = builder.BuildAndStart();
  }
  ~EchoServer() { stop(); }

  /// At once: calls in flight are cut off.
  void stop() {
    if (!server_) return;
    server_->Shutdown(std::chrono::system_clock::time_point());
    server_->Wait();
    server_.reset();
  }
  int port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  /// Null unless gRPC's default health service was enabled when it began.
  grpc::HealthCheckServiceInterface* health() { return server_->GetHealthCheckService(); }

  EchoService service;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace brontes::testing
