// A reader that is slower than its stream holds the handler up, and nothing piles up in the server.
#include <arpa/inet.h>
#include <grpcpp/grpcpp.h>
#include <sys/socket.h>
#include <testing.grpc.pb.h>

#include "server_process.hpp"

namespace brontes::testing {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr int kReplies = 4096;
constexpr std::size_t kPayload = 256 << 10;  // 1 GiB in all over gRPC
constexpr int kJsonReplies = kReplies / 4;   // as JSON: it costs more to make
// The window of the call, and what HTTP/2 and two sockets hold: 16 MiB each at the very most.
constexpr int kAhead = 16 + 3 * static_cast<int>(16 * kMiB / kPayload);
constexpr std::size_t kGrowth = 96 * kMiB;

struct SlowReader : ::testing::Test {
  SlowReader() {
    const std::string line = server.wait_for_line("serving");
    grpc_port = value_in(line, "grpc");
    http_port = value_in(line, "http");
    stub = Echo::NewStub(
        grpc::CreateChannel("127.0.0.1:" + grpc_port, grpc::InsecureChannelCredentials()));
  }
  int made() {
    grpc::ClientContext context;
    Answer answer;
    EXPECT_TRUE(stub->Say(&context, Ask(), &answer).ok());
    return answer.index();
  }
  /// Until the handler has not made a reply while a hundred calls went by.
  int made_when_it_waits() {
    int last = made();
    for (int quiet = 0; quiet < 100; ++quiet)
      if (const int now = made(); now != last) {
        last = now;
        quiet = 0;
      }
    return last;
  }
  void expect_little_memory(std::size_t before) {
    if (!kMemoryTells) return;
    EXPECT_LT(resident(server), before + kGrowth);
  }

  ChildProcess server{{BRONTES_HOSTING_SERVER}};
  std::string grpc_port, http_port;
  std::unique_ptr<Echo::Stub> stub;
};

Ask one_gibibyte() {
  Ask ask;
  ask.set_count(kReplies);
  ask.set_payload(std::string(kPayload, 'x'));
  return ask;
}

TEST_F(SlowReader, OverGrpcKeepsTheServersMemoryFlatAtAGibibyte) {
  const std::size_t before = resident(server);
  grpc::ClientContext context;
  const auto reader = stub->Countdown(&context, one_gibibyte());
  EXPECT_LE(made_when_it_waits(), kAhead) << "made though nobody reads";
  Answer answer;
  int read = 0;
  while (reader->Read(&answer)) {
    if (++read % 64 != 0) continue;
    EXPECT_LE(made() - read, kAhead);
    expect_little_memory(before);
  }
  EXPECT_EQ(read, kReplies);
  EXPECT_TRUE(reader->Finish().ok());
}

/// A socket that has sent a request; read() as slowly as one likes.
class RawRequest {
 public:
  RawRequest(const std::string& port, const std::string& request)
      : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(send(fd_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
  }
  ~RawRequest() { close(fd_); }
  RawRequest(const RawRequest&) = delete;

  /// 0: the peer has closed.
  std::size_t read(std::string& into) const {
    const auto got = recv(fd_, into.data(), into.size(), 0);
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

 private:
  int fd_;
};

TEST_F(SlowReader, OverHttpKeepsTheServersMemoryFlat) {
  const std::size_t before = resident(server);
  // The payload travels in base64: "eHh4" is "xxx".
  std::string payload;
  for (std::size_t i = 0; i < kPayload / 3; ++i) payload += "eHh4";
  const std::string body =
      R"({"count":)" + std::to_string(kJsonReplies) + R"(,"payload":")" + payload + R"("})";
  const RawRequest request(
      http_port,
      "POST /brontes.testing.Echo/Countdown HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
      "Content-Type: application/json\r\nContent-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_LE(made_when_it_waits(), kAhead) << "made though nobody reads";
  std::string part(8 * kMiB, '\0');
  std::size_t bytes = 0, seen = 0;
  while (const std::size_t got = request.read(part)) {
    bytes += got;
    if (bytes - seen < 16 * kMiB) continue;
    seen = bytes;
    const auto read = static_cast<int>(bytes / (payload.size() + 64));
    EXPECT_LE(made() - read, kAhead);
    expect_little_memory(before);
  }
  EXPECT_GT(bytes, kJsonReplies * payload.size());
  EXPECT_EQ(made(), kJsonReplies);
}

}  // namespace
}  // namespace brontes::testing
