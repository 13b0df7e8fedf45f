#include <gtest/gtest.h>

#include <brontes/gateway/http_status.hpp>

namespace brontes {
namespace {

// The table of google/rpc/code.proto.
TEST(HttpStatus, IsWhatGoogleRpcSaysOfEachCode) {
  const struct {
    Errc code;
    int status;
  } kTable[] = {
      {Errc::kOk, 200},
      {Errc::kCancelled, 499},
      {Errc::kUnknown, 500},
      {Errc::kInvalidArgument, 400},
      {Errc::kDeadlineExceeded, 504},
      {Errc::kNotFound, 404},
      {Errc::kAlreadyExists, 409},
      {Errc::kPermissionDenied, 403},
      {Errc::kResourceExhausted, 429},
      {Errc::kFailedPrecondition, 400},
      {Errc::kAborted, 409},
      {Errc::kOutOfRange, 400},
      {Errc::kUnimplemented, 501},
      {Errc::kInternal, 500},
      {Errc::kUnavailable, 503},
      {Errc::kDataLoss, 500},
      {Errc::kUnauthenticated, 401},
  };
  int number = 0;
  for (const auto& [code, status] : kTable) {
    EXPECT_EQ(static_cast<int>(code), number++);
    EXPECT_EQ(http_status(code), status) << static_cast<int>(code);
  }
  EXPECT_EQ(number, 17);
}

TEST(HttpStatus, CodesThatNobodyKnowsAreErrorsOfTheServer) {
  for (const int code : {-1, 17, 1000}) EXPECT_EQ(http_status(static_cast<Errc>(code)), 500);
}

}  // namespace
}  // namespace brontes
