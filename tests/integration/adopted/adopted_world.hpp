// A gRPC door with an adopted Parlour behind a chain of two, and a stock client.
#pragma once

#include <grpcpp/grpcpp.h>

#include <brontes/actors/call/method_table.hpp>
#include <brontes/runtime/grpc/adopted_service.hpp>
#include <brontes/runtime/grpc/grpc_door.hpp>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "parlours.hpp"

namespace brontes::testing {

using parlour::Answer;
using parlour::Ask;
using parlour::Parlour;

/// A kind of method, in one of gRPC's two styles.
struct Way {
  bool callback;
  Kind kind;
};

inline std::string name_of_way(const ::testing::TestParamInfo<Way>& info) {
  static constexpr const char* kKinds[] = {"Unary", "ServerStream", "ClientStream", "Bidi"};
  return std::string(info.param.callback ? "Callback" : "Sync") +
         kKinds[static_cast<int>(info.param.kind)];
}

inline auto every_way() {
  return ::testing::Values(Way{false, Kind::kUnary}, Way{false, Kind::kServerStream},
                           Way{false, Kind::kClientStream}, Way{false, Kind::kBidi},
                           Way{true, Kind::kUnary}, Way{true, Kind::kServerStream},
                           Way{true, Kind::kClientStream}, Way{true, Kind::kBidi});
}

struct Heard {
  grpc::Status status;
  std::vector<std::string> answers;  // texts or indices
  std::string why;                   // trailer x-why
};

struct AdoptedWorld {
  Diary diary;
  std::shared_ptr<AdoptedService> service;
  MethodTable table;
  std::unique_ptr<GrpcDoor> door;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<Parlour::Stub> stub;

  explicit AdoptedWorld(bool callback, GrpcDoorOptions options = {},
                        std::vector<std::shared_ptr<Interceptor>> chain = {}) {
    auto adopted =
        AdoptedService::adopt(callback ? make_callback_parlour(diary) : make_sync_parlour(diary));
    if (!adopted) throw std::runtime_error(adopted.error().to_string());
    service = *adopted;
    for (const Method& row : service->rows()) EXPECT_TRUE(table.add(row).ok());
    for (auto& interceptor : chain) table.intercept(std::move(interceptor));
    table.intercept(std::make_shared<Witness>("outer", diary));
    table.intercept(std::make_shared<Witness>("inner", diary));
    options.address = "127.0.0.1:0";
    options.adopted = {service};
    auto opened = GrpcDoor::open(table, std::move(options));
    if (!opened) throw std::runtime_error(opened.error().to_string());
    door = std::move(*opened);
    channel = grpc::CreateChannel("127.0.0.1:" + std::to_string(door->port()),
                                  grpc::InsecureChannelCredentials());
    stub = Parlour::NewStub(channel);
  }

  /// The entry at which call() cancels.
  std::string cancel_after = "handler";

  /// Two asks, or one that asks for two answers. Deeds that need it are cancelled when their
  /// handler runs: "wait" and "throw-in-cancel".
  Heard call(Kind kind, const std::map<std::string, std::string>& metadata) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kHang);
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    std::jthread canceller;
    const auto deed = metadata.find("x-do");
    if (deed != metadata.end() && (deed->second == "wait" || deed->second == "throw-in-cancel"))
      canceller = std::jthread([&] {
        diary.wait_for(cancel_after);
        context.TryCancel();
      });
    Heard heard = call(kind, context);
    const auto& trailers = context.GetServerTrailingMetadata();
    if (const auto why = trailers.find("x-why"); why != trailers.end())
      heard.why.assign(why->second.data(), why->second.size());
    return heard;
  }

 private:
  static Ask ask_of(const std::string& name, int count) {
    Ask ask;
    ask.set_name(name);
    ask.set_count(count);
    return ask;
  }

  Heard call(Kind kind, grpc::ClientContext& context) {
    switch (kind) {
      case Kind::kUnary:
        return say(context);
      case Kind::kServerStream:
        return countdown(context);
      case Kind::kClientStream:
        return collect(context);
      case Kind::kBidi:
        return chat(context);
    }
    return {};
  }

  Heard say(grpc::ClientContext& context) {
    Answer answer;
    Heard heard{stub->Say(&context, ask_of("ada", 0), &answer), {}, {}};
    if (heard.status.ok()) heard.answers.push_back(answer.text());
    return heard;
  }

  Heard countdown(grpc::ClientContext& context) {
    Heard heard;
    const auto stream = stub->Countdown(&context, ask_of("ada", 2));
    for (Answer answer; stream->Read(&answer);)
      heard.answers.push_back(std::to_string(answer.index()));
    heard.status = stream->Finish();
    return heard;
  }

  Heard collect(grpc::ClientContext& context) {
    Heard heard;
    Answer answer;
    const auto stream = stub->Collect(&context, &answer);
    stream->Write(ask_of("ada", 0)) && stream->Write(ask_of("eve", 0));
    stream->WritesDone();
    heard.status = stream->Finish();
    if (heard.status.ok()) heard.answers.push_back(std::to_string(answer.index()));
    return heard;
  }

  Heard chat(grpc::ClientContext& context) {
    Heard heard;
    const auto stream = stub->Chat(&context);
    stream->Write(ask_of("ada", 0)) && stream->Write(ask_of("eve", 0));
    stream->WritesDone();
    for (Answer answer; stream->Read(&answer);) heard.answers.push_back(answer.text());
    heard.status = stream->Finish();
    return heard;
  }
};

}  // namespace brontes::testing
