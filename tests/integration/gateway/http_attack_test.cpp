// What hostile peers send: memory stays bounded, others get their answers, the time-outs come.
#include <malloc.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdlib>
#include <future>

#include "http_client.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kFlood = 64 * 1024 * 1024;   // far beyond what is kept
constexpr std::size_t kMayKeep = 8 * 1024 * 1024;  // buffers, and what the test itself allocates
constexpr int kQuietMs = 200;  // a socket that takes nothing for so long is full

std::size_t heap() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

// A sanitizer's allocator does not.
bool heap_is_told() {
  constexpr std::size_t kSize = 1024 * 1024;
  const std::size_t before = heap();
  void* volatile block = std::malloc(kSize);
  const bool told = heap() >= before + kSize;
  std::free(block);
  return told;
}

// Found out before there are threads, which free what they held and would hide the block.
const bool kHeapIsTold = heap_is_told();

struct HttpAttack : DoorTest {
  // Sends until the peer takes no more, has closed, or everything is sent; reads nothing.
  static std::size_t pour(const Client& client, std::string_view part, std::size_t total) {
    std::size_t sent = 0;
    while (sent < total) {
      pollfd wait{client.fd(), POLLOUT, 0};
      if (::poll(&wait, 1, kQuietMs) <= 0) break;
      const auto got = ::send(client.fd(), part.data() + sent % part.size(),
                              part.size() - sent % part.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (got < 0 && errno != EAGAIN) break;
      if (got > 0) sent += static_cast<std::size_t>(got);
    }
    return sent;
  }

  // A byte now and then; true when the peer closes.
  static bool drip_until_closed(Client& client, char byte) {
    for (int i = 0; i < 20'000; ++i) {
      client.send({&byte, 1});
      pollfd wait{client.fd(), POLLIN, 0};
      if (::poll(&wait, 1, 1) > 0) return client.read_all().empty();
    }
    return false;
  }

  // A neighbour on the door's only thread.
  void expect_service(std::uint16_t port) {
    Client neighbour(port);
    EXPECT_TRUE(neighbour.ask(get("/v1/nothing")).starts_with("HTTP/1.1 200 OK\r\n"));
  }

  // `opening`, then a flood of `part`: bounded memory, and the neighbour is served.
  void flood(std::uint16_t port, std::string_view opening, std::string_view part) {
    const std::size_t before = heap();
    Client attacker(port);
    attacker.send(opening);
    pour(attacker, part, kFlood);
    EXPECT_LT(heap(), before + kMayKeep) << opening;
    expect_service(port);
  }
};

// Fights all the same where nobody tells what is kept, but is no proof there.
struct HttpFlood : HttpAttack {
  void TearDown() override {
    if (!kHeapIsTold) GTEST_SKIP() << "this allocator does not tell how much it holds";
  }
};

const std::string kNoise(64 * 1024, 'a');
constexpr std::string_view kChunked =
    "POST /v1/collect HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(HttpFlood, EndlessHeadersKeepLittle) {
  const auto port = start();
  flood(port, "", kNoise);
  flood(port, "GET /", kNoise);
  flood(port, "GET / HTTP/1.1\r\nHost: t\r\nX: ", kNoise);
}

TEST_F(HttpFlood, EndlessBodiesKeepNoMoreThanTheLimit) {
  HttpDoorOptions options;
  options.max_body_bytes = 1024 * 1024;
  const auto port = start(options);
  std::string chunks;
  while (chunks.size() < kNoise.size()) chunks += "2\r\n{}\r\n";
  flood(port, kChunked, chunks);
  flood(port, "POST /v1/small HTTP/1.1\r\nHost: t\r\nContent-Length: 1000000000\r\n\r\n", kNoise);
}

TEST_F(HttpFlood, EndlessChunkHeadersKeepLittle) {
  const auto port = start();
  flood(port, std::string(kChunked) + "2;", kNoise);
  flood(port, std::string(kChunked), std::string(64 * 1024, '0'));
}

TEST_F(HttpFlood, EndlessTrailersKeepLittle) {
  const auto port = start();
  flood(port, std::string(kChunked) + "0\r\nX: ", kNoise);
  std::string fields;
  while (fields.size() < kNoise.size()) fields += "X: y\r\n";
  flood(port, std::string(kChunked) + "0\r\n", fields);
}

TEST_F(HttpFlood, ATrailerOfSixtyFourKilobytesIsRefusedAndEndsNobodyElse) {
  const auto port = start();
  for (const char* field : {"X: ", ""}) {
    Client attacker(port);
    const std::string large = std::string(kChunked) + "0\r\n" + field + std::string(65'600, 'a');
    attacker.send(large + (*field ? "" : ": y") + "\r\n\r\n");
    EXPECT_TRUE(attacker.read_all().starts_with("HTTP/1.1 431 "));
  }
}

TEST_F(HttpFlood, WhatFollowsARunningCallIsNotReadWithoutEnd) {
  const auto port = start();
  const std::size_t before = heap();
  Client attacker(port);
  attacker.send(get("/v1/slow/60000?key=k"));
  EXPECT_LT(pour(attacker, get("/v1/nothing"), kFlood), kFlood);
  EXPECT_LT(heap(), before + kMayKeep);
  expect_service(port);
}

TEST_F(HttpFlood, AFloodOfRequestsIsAnsweredInOrder) {
  const auto port = start();
  // More than the sockets hold, both ways.
  constexpr int kRequests = 4'000;
  const std::string padding(4'000, '.');
  std::string requests;
  for (int i = 0; i < kRequests; ++i)
    requests += get("/v1/fail/3?message=m" + std::to_string(i) + padding);
  const std::size_t before = heap();
  Client attacker(port);
  // Nobody reads the answers yet, so the door stops reading requests.
  const std::size_t sent = pour(attacker, requests, requests.size());
  EXPECT_LT(sent, requests.size());
  EXPECT_LT(heap(), before + kMayKeep);
  expect_service(port);
  const auto sending = std::async(std::launch::async,
                                  [&] { attacker.send(std::string_view(requests).substr(sent)); });
  for (int i = 0; i < kRequests; ++i)
    ASSERT_NE(attacker.reply().find("\"m" + std::to_string(i) + "."), std::string::npos) << i;
}

TEST_F(HttpAttack, BytesNowAndThenDoNotHoldUpTheTimeOuts) {
  HttpDoorOptions options;
  options.header_timeout = options.body_timeout = 100ms;
  const auto port = start(options);
  Client head(port), body(port);
  head.send("GET /v1/nothing HTTP/1.1\r\nHost: t\r\nX: ");
  EXPECT_TRUE(drip_until_closed(head, 'a'));
  body.send("POST /v1/small HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_TRUE(drip_until_closed(body, ' '));
  expect_service(port);
}

TEST_F(HttpAttack, TlsOnThePlainPortIs400AndCloses) {
  const auto port = start();
  Client client(port);
  client.send(std::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 400 "));
  expect_service(port);
}

TEST_F(HttpAttack, SlowPeersDoNotHoldUpOthers) {
  const auto port = start();
  std::vector<std::unique_ptr<Client>> attackers;
  for (const char* opening :
       {"", "GET /v1/no", "POST /v1/small HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n{",
        "GET /v1/big/6000000 HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /v1/slow/60000 HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /v1/stream/1000000?delay_ms=20 HTTP/1.1\r\nHost: t\r\n\r\n"})
    for (int i = 0; i < 8; ++i)
      attackers.emplace_back(std::make_unique<Client>(port))->send(opening);
  for (int i = 0; i < 20; ++i) expect_service(port);
}

TEST_F(HttpAttack, DeepJsonIsRefusedWithoutARecursion) {
  const auto port = start();
  Client client(port);
  const std::string body(8 * 1024 * 1024, '[');
  client.send("POST /v1/mirror HTTP/1.1\r\nHost: t\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_TRUE(client.reply().starts_with("HTTP/1.1 400 "));
  expect_service(port);
}

}  // namespace
}  // namespace brontes
