#include <gtest/gtest.h>

#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/testkit/scenario.hpp>
#include <brontes/gateway/transcoder.hpp>

#include "testsvc.brontes.hpp"

namespace brontes {
namespace {

struct TranscoderTest : testing::Test {
  TranscoderTest() { add_rows(unimplemented_rows(gwtest::v1::EchoServiceMethods::All())); }
  ~TranscoderTest() override {
    stop(transcoder);
    stage.advance({});
  }

  void add_rows(const std::vector<Method>& rows) {
    for (const Method& row : rows) EXPECT_TRUE(methods.add(row).ok());
  }
  RoutesAdded added(std::string service) {
    auto asker = stage.probe<Transcoder>("asker");
    asker.tell(transcoder, AddRoutes{std::move(service)});
    return *asker.expect<RoutesAdded>();
  }

  MethodTable methods;
  PublishedRoutes routes = std::make_shared<Published<RouteTable>>();
  Scenario stage;
  Transcoder transcoder = spawn_transcoder(stage.system(), methods, routes);
};

TEST_F(TranscoderTest, PublishesTheRoutesOfAService) {
  const auto before = routes->get();
  stage.tell(transcoder, AddRoutes{"gwtest.v1.EchoService"});
  stage.advance({});
  EXPECT_TRUE(before->routes().empty());
  EXPECT_TRUE(routes->get()->find("GET", "/v1/nothing")->route);
}

TEST_F(TranscoderTest, AddingAgainChangesNothing) {
  const auto first = added("gwtest.v1.EchoService");
  EXPECT_EQ(first.count, routes->get()->routes().size());
  EXPECT_GT(first.count, 10u);
  EXPECT_TRUE(first.conflicts.empty());
  const auto before = routes->get()->routes();
  const auto again = added("gwtest.v1.EchoService");
  EXPECT_EQ(again.count, first.count);
  EXPECT_TRUE(again.conflicts.empty());
  EXPECT_EQ(routes->get()->routes(), before);
}

TEST_F(TranscoderTest, ServicesAddToOneAnother) {
  add_rows(unimplemented_rows(gwtest::v1::RouteServiceMethods::All()));
  const auto first = added("gwtest.v1.EchoService"), second = added("gwtest.v1.RouteService");
  EXPECT_GT(second.count, first.count);
  EXPECT_TRUE(routes->get()->find("GET", "/v1/nothing")->route);
}

TEST_F(TranscoderTest, ServicesThatAreNotInTheTableAddNothing) {
  const auto answer = added("a.B");
  EXPECT_EQ(answer.count, 0u);
  ASSERT_EQ(answer.conflicts.size(), 1u);
  EXPECT_EQ(answer.conflicts[0].code(), Errc::kNotFound);
  EXPECT_TRUE(routes->get()->routes().empty());
}

TEST_F(TranscoderTest, AServiceThatWasNotThereMayBeAddedLater) {
  EXPECT_FALSE(added("gwtest.v1.RouteService").conflicts.empty());
  add_rows(unimplemented_rows(gwtest::v1::RouteServiceMethods::All()));
  EXPECT_GT(added("gwtest.v1.RouteService").count, 0u);
}

}  // namespace
}  // namespace brontes
