// What people try first.
#include <cstdio>

#include "listener_world.hpp"

namespace brontes::testing {
namespace {

struct Curl {
  std::string output;
  int exit_code = 0;
};

// "<body> <HTTP version> <status>"; standard error too.
Curl curl(const std::string& arguments) {
  const std::string command =
      "curl -sS -m20 -w ' %{http_version} %{http_code}' " + arguments + " 2>&1";
  Curl result;
  FILE* pipe = ::popen(command.c_str(), "r");
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) result.output += static_cast<char>(c);
  result.exit_code = WEXITSTATUS(::pclose(pipe));
  return result;
}

class CurlClient : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("curl --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "no curl here";
  }
  std::string url() const { return "http://" + world_.target(); }
  ListenerWorld world_;
};

TEST_F(CurlClient, SpeaksHttp1) {
  EXPECT_EQ(curl(url() + "/v1/a").output, "GET /v1/a HTTP/1.1 1.1 200");
}

TEST_F(CurlClient, WithUpgradeStaysWithHttp1) {
  EXPECT_EQ(curl("--http2 " + url() + "/v1/a").output, "GET /v1/a HTTP/1.1 1.1 200");
}

TEST_F(CurlClient, WithPriorKnowledgeIsAnswered) {
  const Curl result = curl("--http2-prior-knowledge " + url() + "/v1/a");
  EXPECT_EQ(result.output, "HTTP/2 on this port is for gRPC; use HTTP/1.1 for REST\n 2 505");
  EXPECT_EQ(result.exit_code, 0);
}

TEST_F(CurlClient, WithPriorKnowledgeAndABodyIsAnswered) {
  const Curl result = curl("--http2-prior-knowledge -d '{}' " + url() + "/v1/a");
  EXPECT_NE(result.output.find("2 505"), std::string::npos) << result.output;
}

TEST_F(CurlClient, SpeaksGrpcWithPriorKnowledge) {
  const Curl result = curl(
      "--http2-prior-knowledge -X POST -H 'content-type: application/grpc' -H 'te: trailers' "
      "--data-binary '' -o /dev/null " +
      url() + EchoMethods::Say::path);
  EXPECT_EQ(result.output, " 2 200");
}

}  // namespace
}  // namespace brontes::testing
