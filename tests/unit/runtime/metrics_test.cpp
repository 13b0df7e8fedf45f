#include <gtest/gtest.h>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/log.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <brontes/actors/testkit/scenario.hpp>
#include <brontes/runtime/interceptors/call_metrics.hpp>
#include <brontes/runtime/observability/metrics_collector.hpp>
#include <brontes/runtime/observability/process_metrics.hpp>
#include <map>
#include <sstream>
#include <testing.brontes.hpp>
#include <thread>

namespace brontes {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::Ask;
using Echo = testing::EchoMethods;

/// Lines of the text format: `name{labels}` to value; comments are left out.
std::map<std::string, std::string> lines_of(const std::string& text) {
  std::map<std::string, std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("#")) continue;
    const auto blank = line.rfind(' ');
    EXPECT_TRUE(lines.emplace(line.substr(0, blank), line.substr(blank + 1)).second) << line;
  }
  return lines;
}

/// A catalogue and the actor that shows it.
struct Shown : ::testing::Test {
  std::map<std::string, std::string> lines() {
    const auto text = collector.scrape(10s);
    EXPECT_TRUE(text) << text.error().to_string();
    return text ? lines_of(*text) : std::map<std::string, std::string>();
  }
  System system{{.threads = 2}};
  std::shared_ptr<Metrics> metrics = std::make_shared<Metrics>();
  MetricsCollector collector{system, metrics};
};

TEST_F(Shown, CountsFromManyThreadsAreNotLost) {
  const auto counter = metrics->counter("shop_orders_total", "Orders.", {{"kind", "gift"}});
  const auto histogram = metrics->histogram("shop_price", "Prices.", {}, {1, 10});
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 10; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) counter->add(2), histogram->observe(0.5);
      });
  }
  const auto shown = lines();
  EXPECT_EQ(shown.at("shop_orders_total{kind=\"gift\"}"), "20000");
  EXPECT_EQ(shown.at("shop_price_sum"), "5000");
  EXPECT_EQ(shown.at("shop_price_count"), "10000");
}

TEST_F(Shown, BucketsAreCumulativeAndIncludeTheirBound) {
  const auto prices = metrics->histogram("shop_price", "Prices.", {}, {1, 10});
  for (const double price : {0.5, 1.0, 1.5, 10.0, 11.0}) prices->observe(price);
  const auto shown = lines();
  EXPECT_EQ(shown.at("shop_price_bucket{le=\"1\"}"), "2");
  EXPECT_EQ(shown.at("shop_price_bucket{le=\"10\"}"), "4");
  EXPECT_EQ(shown.at("shop_price_bucket{le=\"+Inf\"}"), "5");
  EXPECT_EQ(shown.at("shop_price_sum"), "24");
}

TEST_F(Shown, TheSameNameAndLabelsAreTheSameNumber) {
  metrics->gauge("shop_open", "Shops.", {{"town", "a"}})->set(3);
  metrics->gauge("shop_open", "Shops.", {{"town", "a"}})->add(-1);
  metrics->gauge("shop_open", "Shops.", {{"town", "b"}})->set(0.5);
  const auto shown = lines();
  EXPECT_EQ(shown.at("shop_open{town=\"a\"}"), "2");
  EXPECT_EQ(shown.at("shop_open{town=\"b\"}"), "0.5");
}

TEST_F(Shown, WhatCannotBeShownIsSaidInTheLogAndCountsForNobody) {
  std::vector<std::string> said;
  set_log_sink([&](LogLevel, std::string_view, std::string_view line) { said.emplace_back(line); });
  metrics->counter("shop", "Shops.");
  metrics->counter("shop-orders", "Orders.")->add();
  metrics->gauge("shop", "Shops.")->set(7);
  metrics->counter("shop", "Shops.", {{"le", "1"}})->add();
  metrics->histogram("price", "Prices.", {}, {1});
  metrics->histogram("price", "Prices.", {{"a", "b"}}, {2})->observe(1);
  set_log_sink(nullptr);
  EXPECT_EQ(said.size(), 4u);
  EXPECT_NE(said.at(1).find("another type"), std::string::npos) << said[1];
  const auto shown = lines();
  EXPECT_EQ(shown.at("shop"), "0");
  EXPECT_EQ(shown.size(), 1u + 4u) << "shop, and price with two buckets, sum and count";
}

TEST_F(Shown, LabelsAreEscaped) {
  metrics->counter("shop", "Shops.", {{"name", "a\"b\\c\nd"}});
  EXPECT_TRUE(lines().contains("shop{name=\"a\\\"b\\\\c\\nd\"}"));
}

TEST_F(Shown, TellsOfTheProcessWhatPrometheusClientsTell) {
  metrics->add_source(process_metrics);
  const auto shown = lines();
  for (const char* name : {"process_cpu_seconds_total", "process_resident_memory_bytes",
                           "process_virtual_memory_bytes", "process_start_time_seconds",
                           "process_open_fds", "process_max_fds", "process_threads"}) {
    ASSERT_TRUE(shown.contains(name)) << name;
    // A short program may not have used a tick of the CPU yet.
    if (std::string(name) != "process_cpu_seconds_total") {
      EXPECT_GT(std::stod(shown.at(name)), 0) << name;
    }
  }
  EXPECT_TRUE(shown.contains("brontes_build_info{version=\"0.1.0\"}"));
}

/// Calls through the local door, counted.
struct Counted : ::testing::Test {
  Counted() {
    table.intercept(calls);
    Functions<Echo> echo;
    echo.on<Echo::Say>([](const Ask& ask, Answer&) {
      return ask.name().empty() ? Status(Errc::kInvalidArgument, "no name") : Status();
    });
    echo.on<Echo::Countdown>([](const Ask& ask) {
      return [left = ask.count()](Answer&) mutable { return left-- > 0; };
    });
    echo.on<Echo::Collect>([] { return [](const Ask*, Answer&) { return Status(); }; });
    for (const Method& method : echo.rows()) EXPECT_TRUE(table.add(method).ok());
  }

  double value(const std::string& name, const std::string& method, const std::string& code = "") {
    for (const auto& family : calls->families())
      for (const auto& sample : family.samples)
        if (family.name == name && sample.labels.at("grpc_method") == method &&
            (code.empty() || sample.labels.at("grpc_code") == code))
          return sample.value;
    ADD_FAILURE() << "no " << name << " of " << method << " " << code;
    return -1;
  }
  MetricSample latency(const std::string& method) {
    for (const auto& family : calls->families())
      for (const auto& sample : family.samples)
        if (family.type == MetricType::kHistogram && sample.labels.at("grpc_method") == method)
          return sample;
    return {};
  }
  static Ask ask(const std::string& name, int count = 0) {
    Ask ask;
    ask.set_name(name);
    ask.set_count(count);
    return ask;
  }

  Scenario stage;
  std::shared_ptr<CallMetrics> calls = std::make_shared<CallMetrics>();
  MethodTable table{stage.system().clock()};
  LocalDoor door{stage.system(), table};
};

TEST_F(Counted, EverySeriesIsThereAtZeroBeforeTheFirstCall) {
  const auto families = calls->families();
  ASSERT_EQ(families.size(), 6u);
  std::map<std::string, std::size_t> samples;
  for (const auto& family : families) {
    samples[family.name] = family.samples.size();
    for (const auto& sample : family.samples) EXPECT_EQ(sample.value, 0);
  }
  const std::size_t methods = table.rows().size();
  EXPECT_EQ(samples.at("grpc_server_started_total"), methods);
  EXPECT_EQ(samples.at("grpc_server_handled_total"), methods * 17);
  EXPECT_EQ(samples.at("grpc_server_msg_received_total"), methods);
  EXPECT_EQ(samples.at("grpc_server_msg_sent_total"), methods);
  EXPECT_EQ(samples.at("grpc_server_handling_seconds"), methods);
}

TEST_F(Counted, LabelsAreThoseOfTheGrpcEcosystem) {
  std::map<std::string, std::string> types;
  for (const auto& family : calls->families())
    for (const auto& sample : family.samples) {
      EXPECT_EQ(sample.labels.at("grpc_service"), "brontes.testing.Echo");
      types[sample.labels.at("grpc_method")] = sample.labels.at("grpc_type");
    }
  EXPECT_EQ(types.at("Say"), "unary");
  EXPECT_EQ(types.at("Countdown"), "server_stream");
  EXPECT_EQ(types.at("Collect"), "client_stream");
  EXPECT_EQ(types.at("Chat"), "bidi_stream");
}

TEST_F(Counted, CodesAreSpelledAsTheGoClientDoes) {
  EXPECT_TRUE(door.call<Echo::Say>(ask("ada")));
  EXPECT_FALSE(door.call<Echo::Say>(ask("")));
  EXPECT_EQ(value("grpc_server_started_total", "Say"), 2);
  EXPECT_EQ(value("grpc_server_handled_total", "Say", "OK"), 1);
  EXPECT_EQ(value("grpc_server_handled_total", "Say", "InvalidArgument"), 1);
  EXPECT_EQ(value("grpc_server_handled_total", "Say", "Canceled"), 0);
  EXPECT_FALSE(door.call<Echo::Missing>({}));
  EXPECT_EQ(value("grpc_server_handled_total", "Missing", "Unimplemented"), 1);
}

TEST_F(Counted, MessagesAreCountedInBothDirections) {
  EXPECT_TRUE(door.call<Echo::Say>(ask("ada")));
  EXPECT_FALSE(door.call<Echo::Say>(ask("")));
  EXPECT_EQ(value("grpc_server_msg_received_total", "Say"), 2);
  EXPECT_EQ(value("grpc_server_msg_sent_total", "Say"), 1) << "an error is no message";
  EXPECT_TRUE(door.start<Echo::Countdown>(ask("ada", 5)).status().ok());
  EXPECT_EQ(value("grpc_server_msg_received_total", "Countdown"), 1);
  EXPECT_EQ(value("grpc_server_msg_sent_total", "Countdown"), 5);
  auto collect = door.start<Echo::Collect>();
  for (int i = 0; i < 3; ++i) collect.send(ask("ada"));
  collect.half_close();
  EXPECT_TRUE(collect.status().ok());
  EXPECT_EQ(value("grpc_server_msg_received_total", "Collect"), 3);
  EXPECT_EQ(value("grpc_server_msg_sent_total", "Collect"), 1);
}

TEST_F(Counted, LatencyFallsIntoItsBucket) {
  Functions<Echo> echo;
  std::vector<Reply<Echo::Say>> kept;
  echo.on<Echo::Say>([&](const Ask&, Reply<Echo::Say> reply) { kept.push_back(std::move(reply)); });
  MethodTable slow(stage.system().clock());
  slow.intercept(calls = std::make_shared<CallMetrics>());
  ASSERT_TRUE(slow.add(echo.rows().at(0)).ok());
  LocalDoor to_slow(stage.system(), slow);
  auto call = to_slow.start<Echo::Say>({});
  stage.advance(30ms);
  EXPECT_EQ(value("brontes_calls_running", "Say"), 1);
  kept.at(0).finish();
  EXPECT_TRUE(call.status().ok());
  EXPECT_EQ(value("brontes_calls_running", "Say"), 0);
  const auto spread = latency("Say");
  EXPECT_EQ(spread.bounds, default_latency_buckets());
  EXPECT_EQ(spread.counts, (std::vector<std::uint64_t>{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_DOUBLE_EQ(spread.sum, 0.03);
}

}  // namespace
}  // namespace brontes
