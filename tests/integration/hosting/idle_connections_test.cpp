// What a connection costs that is kept alive and says nothing.
#include <memory>
#include <string>
#include <vector>

#include "../ports/raw_client.hpp"
#include "../runtime/certificates.hpp"
#include "server_process.hpp"

namespace brontes::testing {
namespace {

using Open = std::vector<std::unique_ptr<RawClient>>;

std::string get(const std::string& name) {
  return "GET /v1/say/" + name + " HTTP/1.1\r\nHost: a\r\n\r\n";
}
std::string post(const std::string& name) {
  const std::string body = R"({"name":")" + name + R"("})";
  return "POST /brontes.testing.Echo/Say HTTP/1.1\r\nHost: a\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool take_reply(RawClient& client) {
  const std::string head = client.read_until("\r\n\r\n");
  const auto at = head.find("Content-Length: ");
  if (!head.starts_with("HTTP/1.1 200") || at == std::string::npos) return false;
  return client.read(std::stoul(head.substr(at + 16))).ends_with("}");
}

std::vector<std::string> greeter(const std::vector<std::string>& settings = {}) {
  std::vector<std::string> command = {BRONTES_GREETER,
                                      "--listen",
                                      "127.0.0.1:0",
                                      "--set",
                                      "drain.min=0s",
                                      "--set",
                                      "limits.connections=12000",
                                      "--set",
                                      "http.idle_timeout=1h"};
  for (const std::string& setting : settings) {
    command.emplace_back("--set");
    command.push_back(setting);
  }
  return command;
}

/// Of a server with so many connections more, each after one answer to that request.
double bytes_each(int count, const std::string& request,
                  const std::vector<std::string>& command = greeter(), const RawOptions& how = {}) {
  constexpr int kWarmUp = 200;
  ChildProcess server(command);
  const std::string serving = server.wait_for_line("serving ");
  const std::string http = value_in(serving, "http_port");
  const int port = std::stoi(http.empty() ? value_in(serving, "http") : http);
  Open open;
  const auto add = [&](int more) {
    for (int i = 0; i < more; ++i) {
      open.push_back(std::make_unique<RawClient>(port, how));
      open.back()->write(request);
      EXPECT_TRUE(take_reply(*open.back()));
    }
  };
  add(kWarmUp);
  const std::size_t before = resident(server);
  add(count);
  const std::size_t after = resident(server);
  add(1);
  return (static_cast<double>(after) - static_cast<double>(before)) / count;
}

TEST(IdleConnections, TenThousandTakeTwentyKilobytesEachAtMost) {
  constexpr int kCount = 10'000;
  if (!kMemoryTells) GTEST_SKIP() << "a sanitizer keeps what was freed";
  if (!allow_descriptors(kCount + 500))
    GTEST_SKIP() << "the system allows fewer than 10,500 open files";
  const double each = bytes_each(kCount, get("idle"));
  EXPECT_LE(each, 20'000) << "bytes in memory for each connection";
  RecordProperty("bytes_each", std::to_string(each));
  std::printf("idle connection: %.0f bytes each\n", each);
}

TEST(IdleConnections, KeepNoLargeRequestAndNoLargeReply) {
  if (!kMemoryTells) GTEST_SKIP() << "a sanitizer keeps what was freed";
  const double each = bytes_each(700, get(std::string(50'000, 'a')));
  std::printf("idle connection after 50,000 bytes in and out: %.0f bytes each\n", each);
  EXPECT_LE(each, 40'000);
}

TEST(IdleConnections, KeepNoLargeBody) {
  if (!kMemoryTells) GTEST_SKIP() << "a sanitizer keeps what was freed";
  const double each = bytes_each(300, post(std::string(1'000'000, 'a')), {BRONTES_HOSTING_SERVER});
  std::printf("idle connection after 1 MB in: %.0f bytes each\n", each);
  EXPECT_LE(each, 40'000);
}

TEST(IdleConnections, OverTlsKeepNoBuffers) {
  if (!kMemoryTells) GTEST_SKIP() << "a sanitizer keeps what was freed";
  Certificates files;
  files.make_ca("ca");
  files.make_signed("server", "ca");
  const double each = bytes_each(
      1'000, get("idle"),
      greeter({"tls.cert=" + files.file("server.pem"), "tls.key=" + files.file("server.key")}),
      {.tls = true, .alpn = {"http/1.1"}});
  std::printf("idle connection over TLS: %.0f bytes each\n", each);
  EXPECT_LE(each, 40'000);
}

}  // namespace
}  // namespace brontes::testing
