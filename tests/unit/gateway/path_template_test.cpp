#include <gtest/gtest.h>

#include <brontes/gateway/path_template.hpp>

namespace brontes {
namespace {

std::optional<PathValues> matched(const char* path_template, std::string_view path,
                                  PathDecoding decoding = PathDecoding::kWhole) {
  const auto parsed = PathTemplate::parse(path_template);
  EXPECT_TRUE(parsed) << path_template;
  PathValues values;
  if (!parsed || !parsed->match(SplitPath(path), decoding, values)) return {};
  return values;
}
PathValues one(const char* name, const char* value) { return {{name, value}}; }

TEST(PathTemplate, TellsWhereItIsWrong) {
  EXPECT_EQ(PathTemplate::parse("/v1/{a").error().message(),
            "path template '/v1/{a': byte 6: '}' is missing");
}

TEST(PathTemplate, TextReadsBackAsItself) {
  for (const char* text : {"/v1/a::", "/a:b:c", "/{s}:a:b", "/{s=a:b}", "/**", "/"}) {
    const std::string once = PathTemplate::parse(text)->to_string();
    EXPECT_EQ(PathTemplate::parse(once)->to_string(), once) << text;
  }
}

TEST(PathTemplate, OneSegmentMayBeEmpty) {
  EXPECT_EQ(matched("/v1/{id}", "/v1/"), one("id", ""));
  EXPECT_FALSE(matched("/v1/{id}", "/v1"));
  EXPECT_FALSE(matched("/v1/{id}", "/v1/a/"));
}

TEST(PathTemplate, RestTakesAnyNumberOfSegments) {
  EXPECT_EQ(matched("/f/{path=**}", "/f"), one("path", ""));
  EXPECT_EQ(matched("/f/{path=**}", "/f/a//b/"), one("path", "a//b/"));
  EXPECT_EQ(matched("/f/{path=**}/meta", "/f/a/b/meta"), one("path", "a/b"));
  EXPECT_EQ(matched("/f/{path=**}/meta", "/f/meta"), one("path", ""));
  EXPECT_EQ(matched("/b/{path=pre/*/mid/**}", "/b/pre/a/mid/c/d"), one("path", "pre/a/mid/c/d"));
}

TEST(PathTemplate, VerbEndsTheLastSegment) {
  EXPECT_EQ(matched("/i/{id}:cancel", "/i/a:b:cancel"), one("id", "a:b"));
  EXPECT_FALSE(matched("/i/{id}:cancel", "/i/5"));
  EXPECT_EQ(matched("/i/{id}", "/i/5:cancel"), one("id", "5:cancel"));
  EXPECT_FALSE(matched("/i/{id}:cancel", "/i/:cancel"));
  for (const char* path : {"/i/5-cancel", "/i/cancel", "/i/ncel", "/i/5:cancel/", "/i/5:cancel2"})
    EXPECT_FALSE(matched("/i/{id}:cancel", path)) << path;
  EXPECT_EQ(matched("/f/{path=**}:cut", "/f/a:cut/b:cut"), one("path", "a:cut/b"));
  EXPECT_EQ(matched("/i/{id}/all:cut", "/i/5:cut/all:cut"), one("id", "5:cut"));
}

TEST(PathTemplate, LiteralsAreComparedWhole) {
  for (const char* path : {"/v1/ite", "/v1/items2", "/v1/Items", "/v1/", "/v2/items", "/v1/items/"})
    EXPECT_FALSE(matched("/v1/items", path)) << path;
  EXPECT_FALSE(matched("/f/{path=**}/meta", "/f/a/meta2"));
  EXPECT_FALSE(matched("/f/{path=**}/meta", "/f"));
  EXPECT_FALSE(matched("/f/{path=**}/a/b", "/f/b"));
  EXPECT_FALSE(matched("/f/{path=**}/f", "/f"));
}

TEST(PathTemplate, WhereAValueCannotBeDecodedNothingMatches) {
  const auto parsed = PathTemplate::parse("/f/{x}/{y}");
  PathValues values = one("before", "kept");
  EXPECT_FALSE(parsed->match(SplitPath("/f/a/%zz"), PathDecoding::kAll, values));
  EXPECT_EQ(values, one("before", "kept"));
}

TEST(PathTemplate, SeveralSegmentsKeepWhatTheDecodingSays) {
  const char* path = "/f/a%2Fb/c%3A%20";
  EXPECT_EQ(matched("/f/{path=**}", path, PathDecoding::kAll), one("path", "a/b/c: "));
  EXPECT_EQ(matched("/f/{path=**}", path, PathDecoding::kAllExceptSlash), one("path", "a%2Fb/c: "));
  EXPECT_EQ(matched("/f/{path=**}", path, PathDecoding::kAllExceptReserved),
            one("path", "a%2Fb/c%3A "));
  EXPECT_EQ(matched("/f/{x}/*", path, PathDecoding::kAllExceptReserved), one("x", "a/b"));
}

}  // namespace
}  // namespace brontes
