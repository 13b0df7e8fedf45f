#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

#include <brontes/gateway/detail/http_error.hpp>

#include "testsvc.pb.h"

namespace brontes::detail {
namespace {

std::string body(const Status& status) {
  std::string out;
  append_error(status, {}, out);
  return out;
}

// Field 3 of google.rpc.Status, which is not linked here.
std::string details(const google::protobuf::Any& any) {
  const std::string bytes = any.SerializeAsString();
  return std::string("\x08\x03\x1a", 3) + static_cast<char>(bytes.size()) + bytes;
}

TEST(HttpError, HasCodeMessageAndDetails) {
  EXPECT_EQ(body({Errc::kNotFound, "no \"a\""}), R"({"code":5,"message":"no \"a\"","details":[]})");
}

TEST(HttpError, DetailsOfLinkedTypesAreJson) {
  google::protobuf::Any any;
  any.PackFrom(gwtest::v1::CancelQuery());
  EXPECT_EQ(
      body({Errc::kInvalidArgument, "m", details(any)}),
      R"({"code":3,"message":"m","details":[{"@type":"type.googleapis.com/gwtest.v1.CancelQuery","key":""}]})");
}

TEST(HttpError, DetailsOfUnknownTypesKeepTheirBytes) {
  google::protobuf::Any any;
  any.set_type_url("a/b.C");
  any.set_value("hi");
  EXPECT_EQ(body({Errc::kInvalidArgument, "m", details(any)}),
            R"({"code":3,"message":"m","details":[{"@type":"a/b.C","value":"aGk="}]})");
}

TEST(HttpError, MalformedDetailsDoNotHideTheError) {
  EXPECT_EQ(body({Errc::kInternal, "m", "\x1a\x7f"}), R"({"code":13,"message":"m","details":[]})");
}

TEST(HttpError, UnauthenticatedAsksForCredentials) {
  const HttpReply reply = error_reply({Errc::kUnauthenticated, "Bearer\r\nX-Evil: 1"}, {});
  std::string head;
  append_head({reply.status, reply.headers, Framing::kLength, 0, true, {}}, head);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_NE(head.find("WWW-Authenticate: Bearer  X-Evil: 1\r\n"), std::string::npos);
}

}  // namespace
}  // namespace brontes::detail
