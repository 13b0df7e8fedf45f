#include <gtest/gtest.h>

#include <set>

#include "settings_world.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;

TEST(Settings, AreTheDefaultsWhenNobodySpeaks) {
  const auto settings = load_settings(SettingSources{}, {.name = "greeter"});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->name, "greeter");
  EXPECT_EQ(settings->listen.to_string(), ":50051");
  EXPECT_EQ(settings->drain.min, 3s);
  EXPECT_EQ(settings->mode, Mode::kShared);
}

TEST(Settings, FlagsBeatVariablesBeatTheFileBeatsDefaults) {
  const YamlFile file("name: file\nversion: file\nweight: 7\nttl: 30s\n");
  const auto settings =
      load_settings({{"--config", file.path(), "--set", "name=flag"},
                     {{"BRONTES_NAME", "variable"}, {"BRONTES_VERSION", "variable"}}});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->name, "flag");
  EXPECT_EQ(settings->version, "variable");
  EXPECT_EQ(settings->weight, 7u);
  EXPECT_EQ(settings->ttl, 30s);
}

TEST(Settings, NestInYamlAndInVariables) {
  const YamlFile file(
      "drain:\n  min: 1s\nprobe.enabled: false\ntags: {zone: a}\n"
      "registries:\n  static: static://e:2379\n");
  const auto settings = load_settings({{},
                                       {{"BRONTES_CONFIG", file.path()},
                                        {"BRONTES_DRAIN_MAX", "2m"},
                                        {"BRONTES_REGISTRIES_MEMORY", "memory:m"}}});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->drain.min, 1s);
  EXPECT_EQ(settings->drain.max, 2min);
  EXPECT_FALSE(settings->probe.enabled);
  EXPECT_EQ(settings->tags.at("zone"), "a");
  EXPECT_EQ(settings->registries.at("static"), "static://e:2379");
  EXPECT_EQ(settings->registries.at("memory"), "memory:m");
}

TEST(Settings, FlagsTakeTheirValueWithOrWithoutEquals) {
  const auto settings = load_settings({{"--listen=127.0.0.1:1", "--registry", "static://a:1"}, {}});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->listen, (Address{"127.0.0.1", 1}));
  EXPECT_EQ(settings->registry, "static://a:1");
}

TEST(Settings, AnUnknownKeyNamesFileLineAndNearestKey) {
  const YamlFile file("name: a\ndrain:\n  mim: 1s\n");
  EXPECT_EQ(error_of({{"--config", file.path()}, {}}),
            file.path() + ":3: drain.mim: no such setting; did you mean drain.min?");
  EXPECT_EQ(error_of({{}, {{"BRONTES_LISTN", ":1"}}}),
            "BRONTES_LISTN: no such setting; did you mean BRONTES_LISTEN?");
  EXPECT_EQ(error_of({{"--lisen", ":1"}, {}}).substr(0, 52),
            "--lisen: no such flag; did you mean --listen?; --hel");
  EXPECT_EQ(error_of({{"--set", "moode=grpc"}, {}}),
            "--set: moode: no such setting; did you mean mode?");
}

TEST(Settings, AWrongTypeSaysWhatWasExpected) {
  const YamlFile file("drain:\n  min: soon\nweight: many\nlisten: 80\nmode: both\n");
  EXPECT_EQ(error_of({{"--config", file.path()}, {}}),
            file.path() + ":2: drain.min: 'soon' is not a duration such as 250ms, 3s, 2m or 1h\n" +
                file.path() + ":3: weight: 'many' is not a whole number\n" + file.path() +
                ":4: listen: '80' is not host:port: there is no colon\n" + file.path() +
                ":5: mode: 'both' is not shared or two_ports or grpc");
}

TEST(Settings, SectionsAndValuesAreNotMixedUp) {
  const YamlFile file("drain: 3s\nname: {a: 1}\nttl: 3s\nttl: 4s\n");
  EXPECT_EQ(error_of({{"--config", file.path()}, {}}),
            file.path() + ":4: ttl: set twice in this file\n" + file.path() +
                ":1: drain: is a section, not a value; see --help\n" + file.path() +
                ":2: name.a: 'name' is a value (text), not a section");
}

TEST(Settings, AFileThatCannotBeReadOrParsedIsAnError) {
  EXPECT_EQ(error_of({{"--config", "/nowhere/app.yaml"}, {}}),
            "/nowhere/app.yaml: cannot be read: No such file or directory");
  EXPECT_EQ(error_of({{"--config", "/tmp"}, {}}), "/tmp: cannot be read: Is a directory");
  EXPECT_EQ(error_of({{"--config", ""}, {}}), "--config: the name of the file is empty");
  const YamlFile file("name: [1\n");
  EXPECT_NE(error_of({{"--config", file.path()}, {}}).find("not well-formed YAML"),
            std::string::npos);
}

TEST(Settings, OneFileIsOneDocument) {
  const YamlFile file("name: a\n---\nversion: b\n");
  EXPECT_EQ(error_of({{"--config", file.path()}, {}}),
            file.path() + ":3: a second YAML document begins here; settings are one document");
}

TEST(Settings, AMistakeInATextOfSeveralLinesIsOneLine) {
  const YamlFile file("drain:\n  min: |\n    soon\n    or never\n");
  const std::string error = error_of({{"--config", file.path()}, {}});
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  EXPECT_NE(error.find("soon\\nor never"), std::string::npos) << error;
}

TEST(Settings, AnEmptyFileAndAnEmptySectionSayNothing) {
  EXPECT_TRUE(load_settings({{"--config", YamlFile("# nothing yet\n").path()}, {}}));
  const YamlFile file("drain:\n  # min: 3s\ntags:\n");
  const auto settings = load_settings({{"--config", file.path()}, {}});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->drain.min, 3s);
}

TEST(Settings, AVariableThatIsNoSettingSaysSo) {
  EXPECT_EQ(error_of({{}, {{"BRONTES_FOO", "1"}}}),
            "BRONTES_FOO: no such setting; --help lists them, no other variable may begin with "
            "BRONTES_");
}

TEST(Settings, AFlagThatIsWrongIsOneMistake) {
  EXPECT_EQ(error_of({{"--lisen", ":1"}, {}}),
            "--lisen: no such flag; did you mean --listen?; --help lists them");
  EXPECT_EQ(error_of({{"--listen"}, {}}), "--listen: a value must follow");
  EXPECT_EQ(error_of({{"--listen="}, {}}),
            "--listen: listen: '' is not host:port: there is no colon");
  EXPECT_EQ(error_of({{"--print-config=yes"}, {}}), "--print-config: takes no value");
  EXPECT_EQ(error_of({{"extra"}, {}}), "'extra': is no flag; --help lists them");
  EXPECT_EQ(error_of({{"--set", "tags=a"}, {}}),
            "--set: tags: is a map; set its entries, such as tags.NAME");
}

TEST(Settings, AnyPortOnAllInterfacesCanBeAskedFor) {
  const auto settings = load_settings({{"--listen", ":0"}, {}});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->listen.to_string(), ":0");
  EXPECT_FALSE(settings->advertise);
}

TEST(Settings, WhatKubernetesSetsForAServiceIsNoMistake) {
  EXPECT_TRUE(load_settings(
      {{}, {{"BRONTES_SERVICE_HOST", "10.0.0.1"}, {"BRONTES_PORT_80_TCP", "tcp://10.0.0.1:80"}}}));
}

TEST(Settings, PrintConfigTellsEachValueAndItsOrigin) {
  const YamlFile file("ttl: 30s\n");
  const auto printed =
      load_settings({{"--config", file.path(), "--listen", "[::1]:7", "--print-config"},
                     {{"BRONTES_NAME", "a-b"}}});
  ASSERT_FALSE(printed);
  EXPECT_TRUE(printed.error().ok());
  const std::string& text = printed.error().message();
  EXPECT_NE(text.find("name: \"a-b\""), std::string::npos);
  EXPECT_NE(text.find("# BRONTES_NAME\n"), std::string::npos);
  EXPECT_NE(text.find("# " + file.path() + ":1\n"), std::string::npos);
  EXPECT_NE(text.find("listen: \"[::1]:7\""), std::string::npos);
  EXPECT_NE(text.find("# --listen\n"), std::string::npos);
}

TEST(Settings, PrintConfigTellsAllWhoSpokeAboutAMap) {
  const YamlFile file("tags: {a: x}\n");
  const auto printed =
      load_settings({{"--config", file.path(), "--set", "tags.c=z", "--print-config"},
                     {{"BRONTES_TAGS_B", "y"}}});
  ASSERT_FALSE(printed);
  EXPECT_NE(printed.error().message().find("# " + file.path() + ":1, BRONTES_TAGS_B, --set\n"),
            std::string::npos)
      << printed.error().message();
}

TEST(Settings, WhatPrintConfigPrintsCanBeLoaded) {
  const std::string url = "static://" + std::string(60, 'a') + ":1";
  const SettingSources odd{
      {"--set", "tags.zone=a", "--set", "tags.a: b=c", "--set", "tags.quote=q\"uote", "--set",
       "tags.lines=two\nlines", "--set", "ttl=90s", "--set", "advertise=a:1", "--registry", url,
       "--print-config"},
      {}};
  const auto first = load_settings(odd);
  ASSERT_FALSE(first);
  const YamlFile file(first.error().message());
  const auto again = load_settings({{"--config", file.path()}, {}});
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->tags.at("quote"), "q\"uote");
  EXPECT_EQ(again->ttl, 90s);
  EXPECT_EQ(again->tags.at("zone"), "a");
  EXPECT_EQ(again->tags.at("a: b"), "c");
  EXPECT_EQ(again->tags.at("lines"), "two\nlines");
  EXPECT_EQ(again->registry, url);
  EXPECT_EQ(again->advertise, (Address{"a", 1}));
}

TEST(Settings, AnApplicationHasItsOwnTypedSection) {
  struct Pricing {
    std::string currency = "EUR";
    Duration cache = 5s;
    bool rounding = false;
  } pricing;
  const std::vector<Setting> rows = {
      setting("pricing.currency", pricing.currency, "of prices"),
      setting("pricing.cache", pricing.cache, "how long a price is kept", {1s, 1h}),
      setting("pricing.rounding", pricing.rounding, "to cents").with_flag("rounding")};
  const YamlFile file("pricing:\n  currency: CHF\n");
  ASSERT_TRUE(load_settings({{"--config", file.path(), "--rounding"}, {}}, {}, rows));
  EXPECT_EQ(pricing.currency, "CHF");
  EXPECT_EQ(pricing.cache, 5s);
  EXPECT_TRUE(pricing.rounding);
  const auto wrong = load_settings({{}, {{"BRONTES_PRICING_CACHE", "2h"}}}, {}, rows);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message(),
            "BRONTES_PRICING_CACHE: pricing.cache: '2h' is out of range, 1s to 1h");
}

TEST(Settings, SelectInterceptorsByNameAndRememberWhoSaidSo) {
  const YamlFile file(
      "interceptors:\n  access_log:\n    except: [a.B/C, a.D]\n  authentication: {only: [a.B]}\n");
  const SettingSources sources{{"--config", file.path()},
                               {{"BRONTES_INTERCEPTORS_ACCESS_LOG_ONLY", "a.E, a.F"}}};
  const auto settings = load_settings(sources);
  ASSERT_TRUE(settings) << settings.error().message();
  const auto& log = settings->interceptors.at("access_log");
  EXPECT_EQ(log.except, (std::vector<std::string>{"a.B/C", "a.D"}));
  EXPECT_EQ(log.except_origin, file.path() + ":3");
  EXPECT_EQ(log.only, (std::vector<std::string>{"a.E", "a.F"}));
  EXPECT_EQ(log.only_origin, "BRONTES_INTERCEPTORS_ACCESS_LOG_ONLY");
  EXPECT_EQ(settings->interceptors.at("authentication").only, (std::vector<std::string>{"a.B"}));
}

TEST(Settings, SelectionsThatMeanNothingAreMistakes) {
  EXPECT_EQ(error_of({{"--set", "interceptors.auth=a"}, {}}),
            "--set: interceptors.auth: 'auth' is not NAME.only or NAME.except");
  EXPECT_EQ(error_of({{"--set", "interceptors.auth.only="}, {}}),
            "--set: interceptors.auth.only: the list is empty; leave it out for every method");
}

TEST(Settings, SelectionsAreReadAgainAsTheyArePrinted) {
  SettingSources sources{{"--set", "interceptors.auth.except=a.B/C,a.D", "--print-config"}, {}};
  const YamlFile file(load_settings(sources).error().message());
  const auto again = load_settings({{"--config", file.path()}, {}});
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(again->interceptors.at("auth").except, (std::vector<std::string>{"a.B/C", "a.D"}));
  EXPECT_EQ(again->metrics.buckets, Settings().metrics.buckets);
}

TEST(Settings, BucketsAreAscendingNumbers) {
  const auto settings = load_settings({{"--set", "metrics.buckets=0.1, 1,2.5"}, {}});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->metrics.buckets, (std::vector<double>{0.1, 1, 2.5}));
  EXPECT_EQ(error_of({{"--set", "metrics.buckets=1,1"}, {}}),
            "--set: metrics.buckets: '1,1' is not ascending: 1 follows 1");
  EXPECT_EQ(error_of({{"--set", "metrics.buckets=1,x"}, {}}),
            "--set: metrics.buckets: 'x' is not a decimal number");
}

TEST(SettingTable, GivesEachKeyItsOwnVariable) {
  Settings settings;
  std::set<std::string> names;
  for (const auto& row : setting_table(settings)) {
    std::string name = row.key;
    for (char& c : name) c = c == '.' ? '_' : c;
    EXPECT_TRUE(names.insert(name).second) << row.key;
    EXPECT_FALSE(row.help.empty()) << row.key;
  }
}

TEST(SettingTable, IsTheTableInTheDocumentation) {
  std::ifstream file(BRONTES_SOURCE_DIR "/docs/configuration.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_NE(page.find(settings_markdown()), std::string::npos)
      << "put this into docs/configuration.md:\n"
      << settings_markdown();
}

TEST(ExitWith, TellsUsageFromUnreachableFromTheRest) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(exit_with({Errc::kInvalidArgument, "a\nb"}), 2);
  EXPECT_EQ(exit_with({Errc::kUnavailable, "c"}), 3);
  EXPECT_EQ(exit_with({Errc::kInternal, "d"}), 1);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find(": a\n"), std::string::npos);
  EXPECT_NE(text.find(": b\n"), std::string::npos);
}

TEST(Duration, ReadsAndWritesTheLargestExactUnit) {
  EXPECT_EQ(to_string(Duration(90s)), "90s");
  EXPECT_EQ(to_string(Duration(2h)), "2h");
  EXPECT_EQ(to_string(Duration(1500ms)), "1500ms");
  EXPECT_EQ(to_string(Duration::zero()), "0s");
  for (const char* text : {"", "3", "s", "-3s", "3 s", "3d", "99999999999h"})
    EXPECT_FALSE(parse_duration(text)) << text;
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
}

TEST(Address, IsHostAndPort) {
  EXPECT_EQ(parse_address("[::1]:80").value(), (Address{"::1", 80}));
  EXPECT_EQ(parse_address("[::1]:80")->to_string(), "[::1]:80");
  EXPECT_TRUE(parse_address(":80")->is_wildcard());
  for (const char* text : {"", "a", "a:", "a:b", "a:65536", "::1:80", "a b:1", "a:-1"})
    EXPECT_FALSE(parse_address(text)) << text;
}

}  // namespace
}  // namespace brontes
