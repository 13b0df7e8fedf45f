#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <brontes/runtime/detail/client_hello.hpp>
#include <memory>
#include <string>
#include <vector>

namespace brontes::detail {
namespace {

using State = ClientHello::State;

// The first flight of a real client.
std::string make_hello(const std::vector<std::string>& alpn) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  &SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), &SSL_free);
  std::string wire;
  for (const auto& name : alpn) wire += static_cast<char>(name.size()) + name;
  SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(wire.data()),
                      static_cast<unsigned>(wire.size()));
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), out);
  SSL_set_connect_state(ssl.get());
  SSL_do_handshake(ssl.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string number(std::size_t value, int width) {
  std::string bytes;
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8)
    bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

// The handshake message in records of TLS.
std::string in_records(const std::string& message) {
  constexpr std::size_t kMost = 16 * 1024;
  std::string records;
  for (std::size_t at = 0; at < message.size(); at += kMost) {
    const std::string part = message.substr(at, kMost);
    records += "\x16\x03\x01" + number(part.size(), 2) + part;
  }
  return records;
}

// The same hello with one more extension, before all others.
std::string with_extension(const std::string& hello, std::size_t type, const std::string& body) {
  const std::string message = hello.substr(5);
  std::size_t at = 4 + 2 + 32;                                       // version, random
  at += 1 + static_cast<unsigned char>(message[at]);                 // session
  at += 2 + (message[at] & 0xff) * 256u + (message[at + 1] & 0xff);  // cipher suites
  at += 1 + static_cast<unsigned char>(message[at]);                 // compression
  const std::string extensions =
      number(type, 2) + number(body.size(), 2) + body + message.substr(at + 2);
  const std::string rest = message.substr(4, at - 4) + number(extensions.size(), 2) + extensions;
  return in_records(message[0] + number(rest.size(), 3) + rest);
}

const std::vector<std::string> kGrpcAlpn = {"grpc-exp", "h2"};

TEST(ClientHello, TellsWhatTheClientOffersInItsOrder) {
  const auto hello = parse_client_hello(make_hello(kGrpcAlpn));
  EXPECT_EQ(hello.state, State::kComplete);
  EXPECT_EQ(hello.alpn, kGrpcAlpn);
  EXPECT_TRUE(hello.offers("h2"));
  EXPECT_FALSE(hello.offers("http/1.1"));
}

TEST(ClientHello, WithoutAlpnOffersNothing) {
  const auto hello = parse_client_hello(make_hello({}));
  EXPECT_EQ(hello.state, State::kComplete);
  EXPECT_TRUE(hello.alpn.empty());
}

TEST(ClientHello, EveryPrefixAsksForMore) {
  const std::string hello = make_hello(kGrpcAlpn);
  for (std::size_t size = 0; size < hello.size(); ++size)
    EXPECT_EQ(parse_client_hello(hello.substr(0, size)).state, State::kNeedMore) << size;
}

TEST(ClientHello, MayBeCutIntoManyRecords) {
  const std::string hello = make_hello(kGrpcAlpn);
  std::string records;
  for (std::size_t at = 5; at < hello.size(); at += 7) {
    const std::string part = hello.substr(at, 7);
    records += std::string("\x16\x03\x01\x00", 4) + static_cast<char>(part.size()) + part;
  }
  EXPECT_EQ(parse_client_hello(records).alpn, kGrpcAlpn);
}

TEST(ClientHello, MayBeLargerThanARecord) {
  constexpr std::size_t kPadding = 21;
  const std::string large =
      with_extension(make_hello(kGrpcAlpn), kPadding, std::string(40'000, '\0'));
  EXPECT_EQ(parse_client_hello(large.substr(0, large.size() - 1)).state, State::kNeedMore);
  EXPECT_EQ(parse_client_hello(large).alpn, kGrpcAlpn);
}

TEST(ClientHello, BeyondTheLimitIsMalformedAsSoonAsItSaysSo) {
  const std::string head("\x16\x03\x01\x40\x00\x01", 6);
  EXPECT_EQ(parse_client_hello(head + number(64 * 1024 - 4, 3)).state, State::kNeedMore);
  EXPECT_EQ(parse_client_hello(head + number(64 * 1024 - 3, 3)).state, State::kMalformed);
}

TEST(ClientHello, WhatBrowsersAddAsGreaseIsOneMoreName) {
  const std::string grease("\x0a\x0a", 2);
  const std::vector<std::string> alpn = {grease, "h2", "http/1.1"};
  const auto hello = parse_client_hello(with_extension(make_hello(alpn), 0x0a0a, ""));
  EXPECT_EQ(hello.state, State::kComplete);
  EXPECT_EQ(hello.alpn, alpn);
}

TEST(ClientHello, AnAlpnThatOverrunsIsMalformed) {
  constexpr std::size_t kAlpn = 16;
  for (const std::string& body : {number(9, 2) + "\x02h2", number(3, 2) + "\x09h2", number(1, 1)})
    EXPECT_EQ(parse_client_hello(with_extension(make_hello({}), kAlpn, body)).state,
              State::kMalformed);
}

TEST(ClientHello, WhatFollowsItDoesNotMatter) {
  EXPECT_EQ(parse_client_hello(make_hello(kGrpcAlpn) + "more").alpn, kGrpcAlpn);
}

TEST(ClientHello, OtherProtocolsAreMalformed) {
  EXPECT_EQ(parse_client_hello("GET / HTTP/1.1\r\n").state, State::kMalformed);
  EXPECT_EQ(parse_client_hello(std::string("\x16\x03\x01\x00\x00", 5)).state, State::kMalformed);
  EXPECT_EQ(parse_client_hello("\x16\x03\x01\xff\xff").state, State::kMalformed);
  EXPECT_EQ(parse_client_hello(std::string("\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9)).state,
            State::kMalformed);
}

TEST(ClientHello, DamageIsSurvived) {
  const std::string hello = make_hello(kGrpcAlpn);
  for (std::size_t at = 0; at < hello.size(); ++at)
    for (const int value : {0, 1, 0x7f, 0xff}) {
      std::string damaged = hello;
      damaged[at] = static_cast<char>(value);
      const auto parsed = parse_client_hello(damaged);
      EXPECT_TRUE(parsed.state == State::kComplete || parsed.alpn.empty());
    }
}

}  // namespace
}  // namespace brontes::detail
