#include <gtest/gtest.h>

#include "settings_world.hpp"

namespace brontes {
namespace {

TEST(SettingMistakes, AValueOutOfRangeNamesTheRange) {
  EXPECT_EQ(error_of({{}, {{"BRONTES_TTL", "1s"}}}),
            "BRONTES_TTL: ttl: '1s' is out of range, 2s to 1h");
  EXPECT_EQ(error_of({{"--set", "weight=0"}, {}}),
            "--set: weight: '0' is out of range, 1 to 65535");
}

TEST(SettingMistakes, ANumberThatIsTooLargeOrNegativeIsOutOfRangeNotOfAnotherType) {
  const YamlFile file(
      "weight: -1\nthreads: 100000000000000000000000\nttl: -3s\ndrain.max: 99999999999h\n"
      "drain.min: 9999999999999999999999s\n");
  const std::string at = file.path() + ":";
  EXPECT_EQ(error_of({{"--config", file.path()}, {}}),
            at + "1: weight: '-1' is out of range, 1 to 65535\n" + at +
                "2: threads: '100000000000000000000000' is out of range, 0 to 1024\n" + at +
                "3: ttl: '-3s' is out of range, 2s to 1h\n" + at +
                "4: drain.max: '99999999999h' is out of range, 0s to 1h\n" + at +
                "5: drain.min: '9999999999999999999999s' is out of range, 0s to 10m");
  double share = 0;
  const auto wrong = load_settings({{"--set", "share=1e400"}, {}}, {},
                                   {setting("share", share, "of all", {0, 1})});
  EXPECT_EQ(wrong.error().message(), "--set: share: '1e400' is out of range, 0 to 1");
}

TEST(SettingMistakes, ABalancingThatCannotBeIsRefusedByItsKey) {
  const YamlFile file(
      "balancing:\n  policy: best\n  choices: -1\n  key: x-user\n  bounded_load: 0.5\n"
      "  prefer: zone=a\n  prefer_percent: 101\n");
  const std::string at = file.path() + ":";
  EXPECT_EQ(
      error_of({{"--config", file.path()}, {}}),
      at +
          "2: balancing.policy: 'best' is none of least_request, load, peak_ewma, random, "
          "ring_hash, round_robin, weighted\n" +
          at + "3: balancing.choices: '-1' is out of range, 2 to 10\n" + at +
          "4: balancing.key: 'x-user' is neither header:NAME, in lower case, nor field:PATH\n" +
          at + "5: balancing.bounded_load: is neither 0 nor from 1 to 100\n" + at +
          "6: balancing.prefer: 'zone=a' is none of version=V, tags.KEY=VALUE and "
          "metadata.KEY=VALUE, each once\n" +
          at + "7: balancing.prefer_percent: '101' is out of range, 0 to 100");
}

TEST(SettingMistakes, AListIsAMistakeWhereOneValueIsWanted) {
  const YamlFile file(
      "name: [a, b]\ntags:\n  env: [1, 2]\nweight:\n  - 7\nversion: []\n"
      "mode: [grpc]\nmetrics.buckets: [1, 2]\ninterceptors.auth.only: [a.B]\n");
  const std::string at = file.path() + ":";
  EXPECT_EQ(error_of({{"--config", file.path()}, {}}),
            at + "1: name: a list, but text is wanted\n" + at +
                "3: tags.env: a list, but text is wanted\n" + at +
                "5: weight: a list, but number is wanted\n" + at +
                "6: version: a list, but text is wanted\n" + at +
                "7: mode: a list, but shared or two_ports or grpc is wanted");
}

TEST(SettingMistakes, AMappingIsAMistakeWhereTextIsWanted) {
  const YamlFile file("tags: {a: {b: c}}\nmetadata:\n  \"x.y\": z\n");
  const std::string why =
      "a mapping inside of a mapping, but text is wanted; a name with dots is written in quotes";
  EXPECT_EQ(error_of({{"--config", file.path()}, {}}), file.path() + ":1: tags.a.b: " + why);
}

TEST(SettingMistakes, ANumberWithLeadingZerosIsRefused) {
  EXPECT_EQ(error_of({{"--set", "weight=070"}, {}}),
            "--set: weight: '070' is not a whole number without leading zeros");
}

TEST(SettingMistakes, AnItemOfAListIsNeverSplit) {
  const YamlFile file("interceptors.auth.only:\n  - a.B\n  - \"a.C,a.D\"\n");
  EXPECT_EQ(error_of({{"--config", file.path()}, {}}),
            file.path() +
                ":3: interceptors.auth.only: 'a.C,a.D': no comma may stand in a list's "
                "item");
}

TEST(SettingMistakes, ARegistryUrlThatCannotBeIsNamedWithItsPlace) {
  const YamlFile file("registry: foo://x\nregistries:\n  etcd: etcd://\n  etdc: etcd://e:1\n");
  const std::string text = error_of({{"--config", file.path()}, {}});
  EXPECT_NE(text.find(file.path() +
                      ":1: registry: registry URL \"foo://x\": there is no registry \"foo\""),
            std::string::npos)
      << text;
  EXPECT_NE(text.find(file.path() + ":3: registries.etcd: registry URL \"etcd://\": no address"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find(file.path() + ":4: registries.etdc: 'etdc' is no scheme of a target, such as etcd"),
      std::string::npos)
      << text;
  const std::string flag = error_of({{"--registry", "memory", "--print-config"}, {}});
  EXPECT_EQ(flag.find("--registry: registry: registry URL \"memory\": no scheme"), 0u) << flag;
}

TEST(SettingMistakes, ARegistryThatIsNotBuiltInIsNamedWithItsPlace) {
  const YamlFile file("registry: zk://h:1\nregistries.dns: dns://h:1\n");
  EXPECT_EQ(error_of({{"--config", file.path(), "--print-config"}, {}})
                .find(file.path() + ":1: registry: registry URL \"zk://h:1\": "),
            0u);
}

TEST(SettingMistakes, AKeyWithoutAValueIsNamedWhereItStands) {
  const YamlFile file("weight:\n\n\nname: x\ntags:\n");
  EXPECT_EQ(
      error_of({{"--config", file.path()}, {}}),
      file.path() + ":1: weight: has no value; leave the line out, or write \"\" for empty text");
}

TEST(SettingMistakes, AHealthPathThatIsNoPathIsNamed) {
  EXPECT_EQ(error_of({{"--set", "http.health_path=abc"}, {}}),
            "--set: http.health_path: 'abc' is no path: it must start with '/'");
}

TEST(SettingMistakes, TextThatNeedsQuotesIsHinted) {
  const YamlFile file("registry: memory:\n");
  const std::string text = error_of({{"--config", file.path()}, {}});
  EXPECT_NE(text.find("needs quotes"), std::string::npos) << text;
}

TEST(SettingMistakes, ANameThatNoRegistryTakesIsNamedWithItsPlace) {
  const YamlFile file("name: a/b\nversion: v 1\n");
  const std::string rule = " must be 1 to 128 of letters, digits, '.', '_' and '-'";
  EXPECT_EQ(
      error_of({{"--config", file.path(), "--print-config"}, {}}),
      file.path() + ":1: name: 'a/b'" + rule + "\n" + file.path() + ":2: version: 'v 1'" + rule);
  EXPECT_EQ(error_of({{"--set", "name=", "--set", "version="}, {}}), "no error");
}

TEST(SettingMistakes, AFileThatCannotBeReadIsNamedWithItsPlace) {
  const YamlFile file("tls:\n  cert: /nowhere/a.pem\n");
  EXPECT_EQ(error_of({{"--config", file.path(), "--set", "tls.key=" + file.path()}, {}}),
            file.path() +
                ":2: tls.cert: '/nowhere/a.pem' cannot be read: No such file or directory\n"
                "--set: tls.key: is set, but tls.cert is not; set both or none");
}

TEST(SettingMistakes, AHealthPathThatIsNoRouteIsNamedWithItsPlace) {
  const YamlFile file("http.health_path: /v1/{x\n");
  EXPECT_EQ(error_of({{"--config", file.path(), "--print-config"}, {}})
                .find(file.path() + ":1: http.health_path: path template '/v1/{x': "),
            0u);
}

TEST(SettingMistakes, ARegistryOfAnotherSchemeIsNamedWithItsPlace) {
  EXPECT_EQ(error_of({{"--set", "registries.static=memory:", "--print-config"}, {}}),
            "--set: registries.static: 'memory:' is no registry of that scheme");
}

TEST(SettingMistakes, AVariableOfAMapNeedsTheNameOfItsEntry) {
  EXPECT_EQ(error_of({{}, {{"BRONTES_TAGS", "x"}}}),
            "BRONTES_TAGS: no such setting; did you mean BRONTES_TAGS_NAME?");
}

TEST(SettingMistakes, ValuesThatContradictEachOtherAreMistakesAndSayWhoSetThem) {
  const YamlFile file("mode: two_ports\nlisten: 127.0.0.1:80\nhttp_listen: 127.0.0.1:80\n");
  EXPECT_EQ(error_of({{"--config", file.path(), "--set", "tls.cert=" + file.path()}, {}}),
            "--set: tls.cert: is set, but tls.key is not; set both or none\n" + file.path() +
                ":3: http_listen: is the same as listen (" + file.path() +
                ":2); mode shared serves both on one port");
  EXPECT_EQ(
      error_of({{}, {{"BRONTES_TLS_KEY", file.path()}, {"BRONTES_TLS_CLIENT_CA", file.path()}}}),
      "BRONTES_TLS_KEY: tls.key: is set, but tls.cert is not; set both or none\n"
      "BRONTES_TLS_CLIENT_CA: tls.client_ca: means nothing without tls.cert and tls.key");
  EXPECT_EQ(error_of({{"--set", "tls.cert=" + file.path(), "--set", "tls.key=" + file.path()}, {}}),
            "no error");
  EXPECT_EQ(error_of({{"--set", "mode=two_ports", "--listen", ":8080"}, {}}),
            "--listen: listen: is the same as http_listen; mode shared serves both on one port");
  EXPECT_EQ(error_of({{"--listen", ":81", "--set", "admin.listen=:81"}, {}}),
            "--set: admin.listen: is the same as listen (--listen); the admin pages need a port of "
            "their own");
}

TEST(SettingMistakes, ContradictionsOfAProgramNameTheirKeys) {
  Settings settings;
  settings.tls.cert = "a.pem";
  settings.mode = Mode::kTwoPorts;
  settings.listen = settings.http_listen;
  EXPECT_EQ(check(settings).message(),
            "tls.cert: is set, but tls.key is not; set both or none\n"
            "http_listen: is the same as listen; mode shared serves both on one port");
}

TEST(SettingMistakes, AccessToARegistryIsWholeOrNot) {
  const auto mistake = [](std::vector<std::string> settings) {
    SettingSources sources;
    for (auto& setting : settings) sources.args.insert(sources.args.end(), {"--set", setting});
    const auto loaded = load_settings(sources);
    return loaded ? "" : loaded.error().message();
  };
  const YamlFile file("x");
  EXPECT_NE(mistake({"registry_auth.user=u"}).find("registry_auth.password is not"),
            std::string::npos);
  EXPECT_NE(
      mistake({"registry_tls.ca=" + file.path()}).find("nothing without registry_tls.enabled"),
      std::string::npos);
  EXPECT_NE(mistake({"registry_tls.enabled=true", "registry_tls.cert=" + file.path()})
                .find("registry_tls.key is not"),
            std::string::npos);
  EXPECT_NE(
      mistake({"registry_tls.enabled=true", "registry_tls.ca=/nowhere"}).find("cannot be read"),
      std::string::npos);
  EXPECT_EQ(mistake({"registry_auth.user=u", "registry_auth.password=p",
                     "registry_tls.enabled=true", "registry_tls.ca=" + file.path()}),
            "");
}

TEST(SettingMistakes, SecretsAreNotPrinted) {
  const auto printed = load_settings(
      {{"--set", "registry_auth.user=u", "--set", "registry_auth.password=hush", "--print-config"},
       {}});
  ASSERT_FALSE(printed);
  const std::string& text = printed.error().message();
  EXPECT_EQ(text.find("hush"), std::string::npos);
  EXPECT_NE(text.find("# registry_auth.password: not shown"), std::string::npos);
}

}  // namespace
}  // namespace brontes
