#include <gtest/gtest.h>

#include <brontes/gateway/path_template.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

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

TEST(PathTemplate, ReadsWhatTheConformanceCasesSay) {
  std::ifstream file(BRONTES_GATEWAY_CASES);
  int seen = 0;
  for (std::string line; std::getline(file, line);) {
    const auto c = nlohmann::json::parse(line);
    const std::string title = c["title"];
    if (c["area"] != "template" || !title.starts_with("template '")) continue;
    const std::string text = title.substr(10, title.rfind('\'') - 10);
    const auto parsed = PathTemplate::parse(text);
    ++seen;
    EXPECT_EQ(parsed.has_value(), c["expect"]["registration"] == "ok") << text;
    if (!parsed || !c["expect"].contains("parsed")) continue;
    const auto& expected = c["expect"]["parsed"];
    EXPECT_EQ(parsed->to_string(), expected["pattern"]);
    EXPECT_EQ(parsed->verb(), expected["verb"]);
    std::vector<std::string> fields;
    for (const auto& variable : parsed->variables()) fields.push_back(variable.field_path);
    EXPECT_EQ(fields, expected["fields"].get<std::vector<std::string>>()) << text;
  }
  EXPECT_GT(seen, 0);
}

TEST(PathTemplate, TellsWhereItIsWrong) {
  EXPECT_EQ(PathTemplate::parse("/v1/{a").error().message(),
            "path template '/v1/{a': byte 6: '}' is missing");
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
