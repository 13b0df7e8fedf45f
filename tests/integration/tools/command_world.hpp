// The commands as users run them, and a stock service for them to find.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <brontes/tools/cli/commands.hpp>

#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "hello.grpc.pb.h"

namespace brontes::cli {

class Greeter final : public Hello::Greeter::Service {
  grpc::Status SayHello(grpc::ServerContext* context, const Hello::HelloReq* request,
                        Hello::HelloReply* reply) override {
    if (on_call) on_call();
    if (request->name().empty()) return {grpc::StatusCode::INVALID_ARGUMENT, "name is empty"};
    const auto said = context->client_metadata().find("x-voice");
    const bool loud = said != context->client_metadata().end() && said->second == "loud";
    reply->set_message((loud ? "HELLO, " : "hello, ") + request->name());
    return grpc::Status::OK;
  }

 public:
  std::function<void()> on_call;
};

struct Outcome {
  Exit exit = kDone;
  std::string out, err;

  std::vector<nlohmann::json> events() const {
    std::vector<nlohmann::json> all;
    std::istringstream lines(out);
    for (std::string line; std::getline(lines, line);) all.push_back(nlohmann::json::parse(line));
    return all;
  }
};

/// Runs `brontes WORDS...` in this process.
inline Outcome brontes(std::vector<std::string> words) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.exit = run(words);
  outcome.out = ::testing::internal::GetCapturedStdout();
  outcome.err = ::testing::internal::GetCapturedStderr();
  return outcome;
}

}  // namespace brontes::cli
