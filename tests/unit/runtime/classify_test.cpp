#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <brontes/runtime/detail/classify.hpp>
#include <brontes/runtime/detail/http2_refusal.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace brontes::detail {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const Headers kGrpcRequest = {{":method", "POST"},
                              {":path", "/a.B/C"},
                              {"content-type", "application/grpc+proto"},
                              {"te", "trailers"}};
const Headers kRestRequest = {{":method", "GET"}, {":path", "/v1/a"}, {"accept", "*/*"}};

nghttp2_nv to_nv(const std::pair<std::string, std::string>& header) {
  auto* bytes = [](const std::string& text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  }(header.first);
  auto* value =
      const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(header.second.data()));
  return {bytes, value, header.first.size(), header.second.size(), NGHTTP2_NV_FLAG_NONE};
}

// The first flight of an nghttp2 client: preface, SETTINGS, and a request if there are headers.
std::string client_bytes(const Headers& headers) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new(&session, callbacks, nullptr);
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  std::vector<nghttp2_nv> fields;
  for (const auto& header : headers) fields.push_back(to_nv(header));
  if (!fields.empty())
    nghttp2_submit_request(session, nullptr, fields.data(), fields.size(), nullptr, nullptr);
  std::string bytes;
  const std::uint8_t* part = nullptr;
  for (ssize_t size = 0; (size = nghttp2_session_mem_send(session, &part)) > 0;)
    bytes.append(reinterpret_cast<const char*>(part), static_cast<std::size_t>(size));
  nghttp2_session_del(session);
  nghttp2_session_callbacks_del(callbacks);
  return bytes;
}

std::string frame(int type, int flags, int stream, const std::string& payload) {
  std::string bytes{0, static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size())};
  bytes += {static_cast<char>(type), static_cast<char>(flags), 0, 0, 0, static_cast<char>(stream)};
  return bytes + payload;
}

const std::string kOpening = client_bytes({});
constexpr std::size_t kPrefaceSize = 24;

TEST(Classify, Http1IsKnownByItsFirstDifferentByte) {
  EXPECT_EQ(classify("G").speaker, Speaker::kHttp1);
  EXPECT_EQ(classify("POST / HTTP/1.1").speaker, Speaker::kHttp1);
  EXPECT_EQ(classify("PRI * HTTP/1.1").speaker, Speaker::kHttp1);
  EXPECT_EQ(classify("P").speaker, Speaker::kUnclear);
}

TEST(Classify, TlsIsKnownByItsFirstByte) { EXPECT_EQ(classify("\x16").speaker, Speaker::kTls); }

TEST(Classify, GrpcIsKnownByTheContentTypeOfItsFirstRequest) {
  EXPECT_EQ(classify(client_bytes(kGrpcRequest)).speaker, Speaker::kGrpc);
  EXPECT_EQ(classify(client_bytes(kRestRequest)).speaker, Speaker::kOtherHttp2);
  EXPECT_EQ(classify(client_bytes(kRestRequest)).stream, 1u);
}

TEST(Classify, GrpcWebIsNotGrpc) {
  EXPECT_EQ(
      classify(client_bytes({{":method", "POST"}, {"content-type", "application/grpc-web+proto"}}))
          .speaker,
      Speaker::kOtherHttp2);
}

TEST(Classify, EveryPrefixAsksForMore) {
  for (const auto& request : {kGrpcRequest, kRestRequest}) {
    const std::string bytes = client_bytes(request);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const Speaker speaker = classify(bytes.substr(0, size)).speaker;
      EXPECT_EQ(speaker, size < kOpening.size() ? Speaker::kUnclear : Speaker::kWantsSettings);
    }
  }
}

TEST(Classify, GrpcCoreIsKnownByItsPrivateSetting) {
  const std::string setting("\xfe\x03\0\0\0\1", 6);
  const std::string preface = kOpening.substr(0, kPrefaceSize);
  EXPECT_EQ(classify(preface + frame(4, 0, 0, setting)).speaker, Speaker::kGrpc);
  EXPECT_EQ(classify(preface + frame(4, 0, 0, std::string("\0\3\0\0\0\1", 6))).speaker,
            Speaker::kWantsSettings);
}

TEST(Classify, FindsTheAcknowledgementOfItsSettings) {
  const std::string ack = frame(4, 1, 0, "");
  const auto look = classify(kOpening + ack + client_bytes(kGrpcRequest).substr(kOpening.size()));
  EXPECT_EQ(look.speaker, Speaker::kGrpc);
  EXPECT_EQ(look.settings_ack_at, kOpening.size());
}

TEST(Classify, RequestMayBePaddedPrioritisedAndContinued) {
  const std::string headers = client_bytes(kGrpcRequest).substr(kOpening.size());
  const bool prioritised = (headers[4] & 32) != 0;
  const std::string block = headers.substr(prioritised ? 14 : 9);
  const std::string priority("\0\0\0\0\x10", 5), padding(7, '\0');
  const std::string first = std::string("\x07", 1) + priority + block.substr(0, 5) + padding;
  EXPECT_EQ(classify(kOpening + frame(1, 8 | 32, 1, first)).speaker, Speaker::kWantsSettings);
  EXPECT_EQ(
      classify(kOpening + frame(1, 8 | 32, 1, first) + frame(9, 4, 1, block.substr(5))).speaker,
      Speaker::kGrpc);
}

TEST(Classify, DamagedFramesAreNotGrpc) {
  const std::string huge("\x7f\xff\xff\x01\x04\0\0\0\1", 9);
  EXPECT_EQ(classify(kOpening + huge).speaker, Speaker::kOtherHttp2);
  EXPECT_EQ(classify(kOpening + frame(1, 4 | 8, 1, "\xff")).speaker, Speaker::kOtherHttp2);
  EXPECT_EQ(classify(kOpening + frame(1, 4, 1, "\xff\xff\xff\xff\xff")).speaker,
            Speaker::kOtherHttp2);
}

TEST(Classify, DamageIsSurvived) {
  const std::string bytes = client_bytes(kGrpcRequest);
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const int value : {0, 1, 0x7f, 0xff}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(value);
      const FirstLook look = classify(damaged);
      EXPECT_TRUE(!look.settings_ack_at || *look.settings_ack_at < damaged.size());
    }
}

// What an nghttp2 client makes of the refusal.
struct Heard {
  std::uint32_t goaway = 0;
  std::string status, text;
};

Heard hear(const std::string& answer) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, void* user) {
        if (frame->hd.type == NGHTTP2_GOAWAY)
          static_cast<Heard*>(user)->goaway = frame->goaway.error_code;
        return 0;
      });
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t,
                    const std::uint8_t* value, std::size_t size, std::uint8_t, void* user) {
        if (std::string_view(reinterpret_cast<const char*>(name)) == ":status")
          static_cast<Heard*>(user)->status.assign(reinterpret_cast<const char*>(value), size);
        return 0;
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t, const std::uint8_t* bytes,
                    std::size_t size, void* user) {
        static_cast<Heard*>(user)->text.append(reinterpret_cast<const char*>(bytes), size);
        return 0;
      });
  Heard heard;
  nghttp2_session* session = nullptr;
  nghttp2_session_client_new(&session, callbacks, &heard);
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, nullptr, 0);
  const std::vector<nghttp2_nv> fields = {to_nv(kRestRequest[0]), to_nv(kRestRequest[1])};
  nghttp2_submit_request(session, nullptr, fields.data(), fields.size(), nullptr, nullptr);
  const std::uint8_t* part = nullptr;
  while (nghttp2_session_mem_send(session, &part) > 0) {
  }
  EXPECT_EQ(nghttp2_session_mem_recv(session, reinterpret_cast<const std::uint8_t*>(answer.data()),
                                     answer.size()),
            static_cast<ssize_t>(answer.size()));
  nghttp2_session_del(session);
  nghttp2_session_callbacks_del(callbacks);
  return heard;
}

TEST(Http2Refusal, AnswersTheRequestAndClosesTheConnection) {
  const Heard heard = hear(http2_refusal(1, false));
  EXPECT_EQ(heard.status, "505");
  EXPECT_EQ(heard.goaway, static_cast<std::uint32_t>(NGHTTP2_HTTP_1_1_REQUIRED));
  EXPECT_NE(heard.text.find("HTTP/1.1"), std::string::npos);
}

}  // namespace
}  // namespace brontes::detail
