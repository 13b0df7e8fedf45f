#include <gtest/gtest.h>

#include <brontes/gateway/detail/http_message.hpp>

namespace brontes::detail {
namespace {

using namespace std::chrono;

TEST(HttpDate, IsWrittenAsRfc9110Wants) {
  const WallTime first = sys_days(1994y / November / 6) + 8h + 49min + 37s;
  EXPECT_EQ(http_date(first), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(first + 999ms), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(first + 23s), "Sun, 06 Nov 1994 08:50:00 GMT");
  EXPECT_EQ(http_date(sys_days(2028y / February / 29)), "Tue, 29 Feb 2028 00:00:00 GMT");
}

TEST(HttpHead, ValuesCannotAddAHeader) {
  std::string out;
  const HttpHeaders headers = {{"X-A", "1\r\nX-B: 2"}};
  append_head({200, headers, Framing::kNone}, out);
  EXPECT_EQ(out, "HTTP/1.1 200 OK\r\nX-A: 1  X-B: 2\r\n\r\n");
}

TEST(HttpHead, SaysWhatBecomesOfTheConnectionWhereItMustBeSaid) {
  const HttpHeaders none;
  const auto connection = [&](bool keep_alive, bool to_http_1_0) {
    std::string out;
    append_head({204, none, Framing::kNone, 0, keep_alive, {}, {}, to_http_1_0}, out);
    return out.substr(out.find("\r\n") + 2);
  };
  EXPECT_EQ(connection(true, false), "\r\n");
  EXPECT_EQ(connection(false, false), "Connection: close\r\n\r\n");
  EXPECT_EQ(connection(true, true), "Connection: keep-alive\r\n\r\n");
  EXPECT_EQ(connection(false, true), "Connection: close\r\n\r\n");
}

}  // namespace
}  // namespace brontes::detail
