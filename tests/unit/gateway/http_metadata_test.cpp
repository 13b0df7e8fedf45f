#include <gtest/gtest.h>

#include <brontes/gateway/detail/http_metadata.hpp>

namespace brontes::detail {
namespace {

RawRequest request(const HttpHeaders& headers) {
  RawRequest raw;
  for (const auto& [name, value] : headers) raw.insert(name, value);
  return raw;
}

TEST(HttpMetadata, PrefixedHeadersAreMetadata) {
  const auto raw = request({{"Grpc-Metadata-Foo", "a"}, {"GRPC-METADATA-FOO", "b, c"}});
  EXPECT_EQ(metadata_of(raw, "1.2.3.4"),
            (Metadata{{"foo", "a"}, {"foo", "b, c"}, {"x-forwarded-for", "1.2.3.4"}}));
  EXPECT_EQ(metadata_of(raw, "", "foo"), "a");
}

TEST(HttpMetadata, WellKnownHeadersGetThePrefixOfTheGateway) {
  const auto raw = request({{"Authorization", "Bearer x"}, {"Accept", "a"}, {"X-Custom", "no"}});
  EXPECT_EQ(metadata_of(raw, "", "authorization"), "Bearer x");
  EXPECT_EQ(metadata_of(raw, "", "grpcgateway-authorization"), "Bearer x");
  EXPECT_EQ(metadata_of(raw, "", "grpcgateway-accept"), "a");
  EXPECT_EQ(metadata_of(raw, "", "x-custom"), "");
}

TEST(HttpMetadata, TracingTravelsUnderItsOwnName) {
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const auto raw = request({{"X-Request-Id", "r1"}, {"Traceparent", trace}});
  EXPECT_EQ(metadata_of(raw, "", "x-request-id"), "r1");
  EXPECT_EQ(metadata_of(raw, "", "traceparent"), trace);
  EXPECT_EQ(metadata_of(request({{"Traceparent", "00-x"}}), "", "traceparent"), "");
}

TEST(HttpMetadata, ATracestateTravelsOnlyIfItIsOne) {
  EXPECT_EQ(metadata_of(request({{"Tracestate", "a=1,t@b=2"}}), "", "tracestate"), "a=1,t@b=2");
  for (const char* bad : {"a", "A=1", "a=1,a=2", ","})
    EXPECT_EQ(metadata_of(request({{"Tracestate", bad}}), "", "tracestate"), "") << bad;
}

TEST(HttpMetadata, ClientsCannotForgeWhatTheGatewaySets) {
  const auto raw = request({{"Grpc-Metadata-Authorization", "x"},
                            {"Grpc-Metadata-Grpcgateway-Authorization", "x"},
                            {"Grpc-Metadata-X-Forwarded-For", "9.9.9.9"},
                            {"Grpc-Metadata-Grpc-Timeout", "1S"},
                            {"Grpc-Metadata-Connection", "x"},
                            {"Grpc-Metadata-", "x"}});
  EXPECT_EQ(metadata_of(raw, "1.2.3.4"), (Metadata{{"x-forwarded-for", "1.2.3.4"}}));
}

TEST(HttpMetadata, ForwardedHeadersAreExtended) {
  const auto raw = request({{"Host", "a"}, {"X-Forwarded-For", "1.1.1.1"}});
  EXPECT_EQ(metadata_of(raw, "2.2.2.2", "x-forwarded-for"), "1.1.1.1, 2.2.2.2");
  EXPECT_EQ(metadata_of(raw, "", "x-forwarded-host"), "a");
}

TEST(HttpMetadata, BinaryValuesAreBase64) {
  EXPECT_EQ(metadata_of(request({{"Grpc-Metadata-D-Bin", "aGk"}}), "", "d-bin"), "hi");
  EXPECT_FALSE(check_metadata(request({{"Grpc-Metadata-D-Bin", "!"}})).ok());
  EXPECT_EQ(header_of("d-bin", "hi"),
            (std::pair<std::string, std::string>("Grpc-Metadata-D-Bin", "aGk=")));
}

TEST(HttpMetadata, RepliesGetPrefixes) {
  EXPECT_EQ(header_of("set-cookie", "v").first, "Grpc-Metadata-Set-Cookie");
  EXPECT_EQ(header_of("x-request-id", "v").first, "X-Request-Id");
  EXPECT_EQ(trailer_of("tr", "v").first, "Grpc-Trailer-Tr");
}

TEST(HttpMetadata, TimeoutsAreReadAsGrpcWritesThem) {
  EXPECT_EQ(timeout_from_text("2H"), std::chrono::hours(2));
  EXPECT_EQ(timeout_from_text("3M"), std::chrono::minutes(3));
  EXPECT_EQ(timeout_from_text("5S"), std::chrono::seconds(5));
  EXPECT_EQ(timeout_from_text("250m"), std::chrono::milliseconds(250));
  EXPECT_EQ(timeout_from_text("7u"), std::chrono::microseconds(7));
  EXPECT_EQ(timeout_from_text("99999999n"), std::chrono::nanoseconds(99'999'999));
  EXPECT_EQ(timeout_from_text("0S"), Duration::max());
  EXPECT_EQ(timeout_from_text("99999999H"), Duration::max());
  for (const char* text : {"", "5", "S", "5s", "-5S", "123456789S", "1.5S", " 5S"})
    EXPECT_FALSE(timeout_from_text(text)) << text;
}

}  // namespace
}  // namespace brontes::detail
