// A caller that ends its stream in the middle of a message. What a stock server of gRPC makes of it
// is what our door makes of it: it is gRPC that leaves the half out, before anybody is asked.
#include "grpc_world.hpp"
#include "raw_http2.hpp"

namespace brontes::testing {
namespace {

class StockEcho final : public Echo::Service {
  grpc::Status Collect(grpc::ServerContext*, grpc::ServerReader<Ask>* asks,
                       Answer* answer) override {
    for (Ask ask; asks->Read(&ask);) answer->set_index(answer->index() + 1);
    return grpc::Status::OK;
  }
  grpc::Status Chat(grpc::ServerContext*, grpc::ServerReaderWriter<Answer, Ask>* stream) override {
    for (Ask ask; stream->Read(&ask);) {
      Answer answer;
      answer.set_text(ask.name());
      stream->Write(answer);
    }
    return grpc::Status::OK;
  }
};

struct StockServer {
  StockServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&echo);
    server = builder.BuildAndStart();
  }
  int port = 0;
  StockEcho echo;
  std::unique_ptr<grpc::Server> server;
};

/// The call with these bytes of its messages, and the end of the stream behind them.
CallEnd end_of(int port, const std::string& method, const std::string& messages) {
  const Speaker caller(port);
  caller.say(http2_greeting() + call_headers("/brontes.testing.Echo/" + method) +
             frame(Frame::kData, kEndStream, 1, messages));
  return caller.hear_end();
}

const std::string kWhole(
    "\0\0\0\0\x03\x0a\x01"
    "a",
    8);  // Ask{name: "a"}

struct HalfMessage : ::testing::TestWithParam<std::tuple<const char*, int>> {
  GrpcWorld world;
  StockServer stock;
};

INSTANTIATE_TEST_SUITE_P(Every, HalfMessage,
                         ::testing::Combine(::testing::Values("Collect", "Chat"),
                                            ::testing::Range(0, 8)),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param)) +
                                  std::to_string(std::get<1>(info.param)) + "BytesOfIt";
                         });

TEST_P(HalfMessage, BehindAWholeOneIsLeftOutAsByAStockServer) {
  const auto& [method, bytes] = GetParam();
  const std::string messages = kWhole + kWhole.substr(0, static_cast<std::size_t>(bytes));
  const CallEnd ours = end_of(world.door->port(), method, messages);
  EXPECT_EQ(ours.status, "0");
  EXPECT_EQ(ours, end_of(stock.port, method, messages));
  EXPECT_EQ(ours, end_of(stock.port, method, kWhole)) << "the half was seen";
}

TEST(HalfMessageOfACallWithOneRequest, IsNoRequest) {
  GrpcWorld world;
  for (const char* method : {"Say", "Countdown"})
    for (std::size_t bytes = 0; bytes < kWhole.size(); ++bytes)
      EXPECT_NE(end_of(world.door->port(), method, kWhole.substr(0, bytes)).status, "0")
          << method << " " << bytes;
  EXPECT_EQ(world.recorder->last_name(), "") << "a handler has seen it";
}

}  // namespace
}  // namespace brontes::testing
