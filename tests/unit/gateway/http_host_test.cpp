#include <gtest/gtest.h>

#include <brontes/gateway/detail/http_host.hpp>
#include <string>

namespace brontes::detail {
namespace {

TEST(HttpHost, IsANameOrAnAddressWithOrWithoutAPort) {
  for (const char* host :
       {"a", "shop.example", "shop.example:8080", "a:", "a:0", "a:65535", "a:00080", "10.0.0.7",
        "10.0.0.7:80", "[::1]", "[::1]:80", "[::ffff:10.0.0.7]:1", "[v1.a:b]", "a_b-c~d",
        "a!$&'()*+,;=", "%41b", "xn--bcher-kva.example", "localhost."})
    EXPECT_TRUE(is_host(host)) << host;
}

TEST(HttpHost, HasNoBlanksPathsOrUsers) {
  for (const char* host : {"",
                           "a b",
                           "a b/c",
                           "a/b",
                           "a?b",
                           "a#b",
                           "user@a",
                           "user:secret@a",
                           "a\tb",
                           "a\"b",
                           "<a>",
                           "a\\b",
                           "a|b",
                           "a^b",
                           "`a`",
                           "{a}",
                           "http://a",
                           "//a",
                           "b\xc3\xbc"
                           "cher.example",
                           "\x7f"})
    EXPECT_FALSE(is_host(host)) << host;
  EXPECT_FALSE(is_host(std::string("a\0b", 3)));
}

TEST(HttpHost, HasAPortThatIsOne) {
  for (const char* host : {":80", ":", "a:b", "a:80:80", "a:-1", "a:+1", "a:65536", "a:99999999999",
                           "a:8 0", "[::1]80", "[::1]:x", "[::1]:65536"})
    EXPECT_FALSE(is_host(host)) << host;
}

TEST(HttpHost, HasWholeBracketsAroundAnAddress) {
  for (const char* host : {"[]", "[", "[::1", "::1", "[a]", "[10.0.0.7]", "[::1%25eth0]",
                           "[::1%lo]", "[[::1]]", "[v.a]", "[v1.]", "[v1]", "[vx.a]", "a[::1]"})
    EXPECT_FALSE(is_host(host)) << host;
}

TEST(HttpHost, HasWholeEscapes) {
  for (const char* host : {"%", "a%4", "%4g", "%g4", "a%"}) EXPECT_FALSE(is_host(host)) << host;
}

}  // namespace
}  // namespace brontes::detail
