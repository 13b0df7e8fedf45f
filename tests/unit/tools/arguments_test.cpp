#include <gtest/gtest.h>
#include <brontes/tools/cli/arguments.hpp>

namespace brontes::cli {
namespace {

using namespace std::chrono_literals;

const CommandSpec kSpec{.name = "call",
                        .arguments = "NAME METHOD",
                        .summary = "calls",
                        .min_arguments = 1,
                        .max_arguments = 2,
                        .options = {{"--registry", "URL", "where", true},
                                    {"--header", "K:V", "sent along"},
                                    {"-n", "COUNT", "so many"},
                                    {"--json", "", "for programs"}}};

std::string complaint(const std::vector<std::string>& words) {
  const auto arguments = parse_arguments(kSpec, words);
  return arguments ? "" : arguments.error().message();
}

TEST(Arguments, OptionsTakeTheirValueInEverySpelling) {
  const auto arguments = parse_arguments(kSpec, {"a", "--registry=memory:", "-n5", "--header",
                                                 "k:v", "--header", "l:w", "--json", "b"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->get("--registry"), "memory:");
  EXPECT_EQ(arguments->number("-n", 1, 1, 10), 5);
  EXPECT_EQ(arguments->all("--header"), (std::vector<std::string>{"k:v", "l:w"}));
  EXPECT_TRUE(arguments->has("--json"));
  EXPECT_EQ(arguments->positional(), (std::vector<std::string>{"a", "b"}));
}

TEST(Arguments, TwoDashesEndTheOptions) {
  const auto arguments = parse_arguments(kSpec, {"--registry", "x", "--", "--json"});
  ASSERT_TRUE(arguments);
  EXPECT_FALSE(arguments->has("--json"));
  EXPECT_EQ(arguments->positional(), std::vector<std::string>{"--json"});
}

TEST(Arguments, BadUsageNamesTheWordAndTheReason) {
  EXPECT_EQ(complaint({"a"}), "--registry URL is missing");
  EXPECT_EQ(complaint({"a", "--registry"}), "--registry needs a value: URL");
  EXPECT_EQ(complaint({"a", "--json=1", "--registry", "x"}), "--json takes no value");
  EXPECT_EQ(complaint({"a", "--registri", "x"}),
            "unknown option '--registri'; did you mean '--registry'?");
  EXPECT_EQ(complaint({"a", "--nonsense"}), "unknown option '--nonsense'; see 'brontes help call'");
  EXPECT_EQ(complaint({"--registry", "x"}), "too few arguments: 'NAME METHOD' is expected");
  EXPECT_EQ(complaint({"a", "b", "c", "--registry", "x"}), "'c' is one argument too many");
}

TEST(Arguments, ANumberIsWholeAndWithinItsBounds) {
  for (const char* text : {"0", "11", "1.5", "many", "", "-1", "99999999999999999999"}) {
    const auto arguments = parse_arguments(kSpec, {"a", "--registry", "x", "-n", text});
    ASSERT_TRUE(arguments) << text;
    EXPECT_FALSE(arguments->number("-n", 1, 1, 10)) << text;
  }
}

TEST(Arguments, ADurationIsInMillisecondsUnlessItSaysAnotherUnit) {
  const auto duration = [](const std::string& text) {
    const auto arguments = parse_arguments(kSpec, {"a", "--registry", "x", "-n", text});
    return arguments->duration("-n", 5s, 1ms, 1h);
  };
  EXPECT_EQ(duration("1500ms"), 1500ms);
  EXPECT_EQ(parse_arguments(kSpec, {"a", "--registry", "x"})->duration("-n", 5s, 1ms, 1h), 5s);
  EXPECT_EQ(duration("20"), 20ms);
  EXPECT_EQ(duration("soon").error().message(),
            "-n takes a duration from 1ms to 1h, not 'soon'; write 5s or 500ms; a bare number is "
            "milliseconds");
  for (const char* text : {"", "0", "0s", "2h", "-1s", "99999999999999999999s"})
    EXPECT_FALSE(duration(text)) << text;
}

TEST(Arguments, HelpShowsEveryOption) {
  const std::string page = help(kSpec);
  for (const Option& option : kSpec.options)
    EXPECT_NE(page.find(option.name), std::string::npos) << option.name;
  EXPECT_TRUE(page.starts_with("usage: brontes call --registry URL [OPTION]... NAME METHOD\n"));
}

TEST(Closest, IsATypingErrorAwayOrNothing) {
  const std::vector<std::string> commands{"list", "call", "help"};
  EXPECT_EQ(closest("lsit", commands), "list");
  EXPECT_EQ(closest("cal", commands), "call");
  EXPECT_EQ(closest("register", commands), "");
}

}  // namespace
}  // namespace brontes::cli
