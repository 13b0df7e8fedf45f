// Channels by name, as settings say them.
#include <gtest/gtest.h>

#include <brontes/runtime/channel_settings.hpp>
#include <brontes/runtime/detail/channel_settings.hpp>

#include "settings_world.hpp"
#include "testing.brontes.hpp"

namespace brontes {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPage = BRONTES_SOURCE_DIR "/tests/unit/runtime/channels.yaml";

Settings load(const std::vector<std::string>& args) {
  auto settings = load_settings({args, {}});
  EXPECT_TRUE(settings) << settings.error().message();
  return settings.value_or(Settings());
}

ChannelOptions options(const Settings& settings, const std::string& channel) {
  auto found = options_of(settings, channel);
  EXPECT_TRUE(found) << found.error().message();
  return found.value_or(ChannelOptions());
}

TEST(ChannelSettings, OfThePageMeanWhatItSays) {
  const Settings settings = load({"--config", kPage});
  EXPECT_EQ(settings.channels.at("orders").target, "discovery:///orders/v1");
  const ChannelOptions orders = options(settings, "orders");
  EXPECT_EQ(orders.service, "shop.v1.Orders");
  EXPECT_EQ(orders.call_metadata, (std::map<std::string, std::string>{{"x-tenant", "t1"}}));
  EXPECT_EQ(orders.balancing->policy, "least_request");
  EXPECT_EQ(orders.methods.at("*").timeout, 5s);
  const MethodPolicy& get = orders.methods.at("shop.v1.Orders/Get");
  EXPECT_EQ(get.timeout, 500ms);
  EXPECT_EQ(get.idempotent, true);
  EXPECT_TRUE(get.hedging->enabled);
  EXPECT_EQ(get.hedging->delay, 0s);
  EXPECT_EQ(orders.methods.at("shop.v1.Orders/Pay").retry->max_resends, 0);
  EXPECT_FALSE(orders.tls);

  const ChannelOptions archive = options(settings, "archive");
  EXPECT_EQ(archive.tls->server_name, "archive.prod");
  EXPECT_EQ(archive.retry_budget, 0.1);
  const RetryPolicy& retry = *archive.methods.at("*").retry;
  EXPECT_EQ(retry.max_attempts, 2);
  EXPECT_EQ(retry.codes, (std::vector<Errc>{Errc::kUnavailable, Errc::kAborted}));
  EXPECT_EQ(retry.base, 10ms);
  EXPECT_EQ(retry.max, 1s);
}

TEST(ChannelSettings, ArePrintedSoThatTheyCanBeLoadedAgainWithoutTheirMetadata) {
  const auto printed = load_settings({{"--config", kPage, "--print-config"}, {}});
  ASSERT_EQ(printed.error().code(), Errc::kOk);
  const YamlFile file(printed.error().message());
  EXPECT_EQ(printed.error().message().find("t1"), std::string::npos);
  const Settings first = load({"--config", kPage}), again = load({"--config", file.path()});
  EXPECT_EQ(again.channels.size(), 2u);
  const MethodPolicy get = options(again, "orders").methods.at("shop.v1.Orders/Get");
  EXPECT_EQ(get.timeout, 500ms);
  EXPECT_TRUE(get.hedging->enabled);
  EXPECT_EQ(options(again, "orders").balancing->policy, "least_request");
  EXPECT_EQ(options(again, "archive").methods.at("*").retry->codes,
            options(first, "archive").methods.at("*").retry->codes);
}

TEST(ChannelSettings, InheritBalancingAndMarginFromTheNode) {
  const Settings settings =
      load({"--set", "channels.a.balancing.choices=3", "--set", "channels.a.target=static://a:1",
            "--set", "channels.b.target=static://b:1", "--set", "channels.b.deadline_margin=1s",
            "--set", "balancing.policy=least_request", "--set", "calls.deadline_margin=7ms"});
  EXPECT_EQ(options(settings, "a").balancing->policy, "least_request");
  EXPECT_EQ(options(settings, "a").balancing->choices, 3u);
  EXPECT_EQ(options(settings, "b").balancing->choices, 2u);
  EXPECT_EQ(options(settings, "a").deadline_margin, 7ms);
  EXPECT_EQ(options(settings, "b").deadline_margin, 1s);
}

TEST(ChannelSettings, ComeFromTheEnvironment) {
  const auto settings = load_settings({{},
                                       {{"BRONTES_CHANNELS_ORDERS_TARGET", "static://a:1"},
                                        {"BRONTES_CHANNELS_ORDERS_RETRY_ATTEMPTS", "5"},
                                        {"BRONTES_CHANNELS_ORDERS_TLS_ENABLED", "true"}}});
  ASSERT_TRUE(settings) << settings.error().message();
  EXPECT_EQ(settings->channels.at("orders").target, "static://a:1");
  EXPECT_EQ(settings->channels.at("orders").methods.at("*").retry->max_attempts, 5);
  EXPECT_TRUE(settings->channels.at("orders").tls);
}

TEST(ChannelSettings, ThatCannotBeAreRefusedByFileLineAndKey) {
  ASSERT_TRUE(testing::Ask::descriptor());  // links the service whose methods are looked up
  const YamlFile file(
      "channels:\n"
      "  a:\n"
      "    target: discovery://host/x\n"
      "    retry_budget: 1.5\n"
      "    balancing.policy: best\n"
      "    hedging: sometimes\n"
      "    retry.codes: [UNAVAILABLE, GONE]\n"
      "    retry.attempts: 6\n"
      "    metadata: {Tenant: x}\n"
      "    tls.ca: /nowhere/ca.pem\n"
      "    tarpit: x\n"
      "    methods:\n"
      "      brontes.testing.Echo/Shout: {timeout: 1s}\n"
      "      brontes.testing.Echo/Say: {patience: 1s}\n"
      "      /x: {timeout: 1s}\n");
  const std::string error = error_of({{"--config", file.path()}, {}});
  const auto says = [&](int line, const std::string& text) {
    EXPECT_NE(error.find(file.path() + ":" + std::to_string(line) + ": channels.a." + text),
              std::string::npos)
        << text << "\nis not in\n"
        << error;
  };
  says(3, "target: ");
  says(4, "retry_budget: '1.5' is out of range, 0 to 1");
  says(5, "balancing.policy: 'best' is none of least_request");
  says(6, "hedging: 'sometimes' is not off, p95 or a duration, 1ms to 1h");
  says(7, "retry.codes: 'GONE' is no code of a failure, such as UNAVAILABLE");
  says(8, "retry.attempts: '6' is out of range, 1 to 5");
  says(9, "metadata.Tenant: metadata 'Tenant': a key is lower-case");
  says(10, "tls.ca: '/nowhere/ca.pem' cannot be read: No such file or directory");
  says(11, "tarpit: no such setting of a channel; did you mean target?");
  says(13,
       "methods.brontes.testing.Echo/Shout.timeout: 'Shout' is no method of "
       "brontes.testing.Echo; it has Say, ");
  says(14,
       "methods.brontes.testing.Echo/Say.patience: is no METHOD.KEY; of a method there are "
       "timeout, idempotent, hedging, key, retry.attempts");
  says(15, "methods./x.timeout: '/x': is no method");
}

TEST(ChannelSettings, ThatContradictThemselvesAreRefused) {
  EXPECT_EQ(error_of({{"--set", "channels.a.timeout=1s"}, {}}),
            "--set: channels.a.target: is missing");
  const std::string target = "channels.a.target=static://a:1";
  EXPECT_EQ(error_of({{"--set", target, "--set", "channels.a.tls.server_name=x"}, {}}),
            "--set: channels.a.tls: means nothing without tls.enabled");
  EXPECT_EQ(error_of({{"--set", target, "--set", "channels.a.retry.max=1ms"}, {}}),
            "--set: channels.a.methods.*: retry.max: is below retry.base");
  EXPECT_EQ(error_of({{"--set", "channels.target=static://a:1"}, {}}).substr(0, 30),
            "--set: channels.target: is not");
}

TEST(ChannelSettings, UnknownNamesAreAnsweredWithTheKnownOnes) {
  const Settings settings = load({"--config", kPage});
  const auto none = options_of(settings, "order");
  EXPECT_EQ(none.error().code(), Errc::kNotFound);
  EXPECT_EQ(none.error().message(),
            "the settings have no channel 'order'; they have archive, orders");
}

TEST(ChannelSettings, AreAllOnTheirPage) {
  std::ifstream file(BRONTES_SOURCE_DIR "/docs/calling.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_NE(page.find(detail::channel_keys_markdown()), std::string::npos)
      << "put this into docs/calling.md:\n"
      << detail::channel_keys_markdown();
}

}  // namespace
}  // namespace brontes
