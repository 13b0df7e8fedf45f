#include <gtest/gtest.h>

#include <brontes/actors/call/handlers.hpp>
#include <brontes/actors/testkit/scenario.hpp>
#include <brontes/gateway/transcoder.hpp>

#include "testsvc.brontes.hpp"

namespace brontes {
namespace {

struct TranscoderTest : testing::Test {
  TranscoderTest() {
    for (const Method& row : unimplemented_rows(gwtest::v1::EchoServiceMethods::All()))
      EXPECT_TRUE(methods.add(row).ok());
  }
  ~TranscoderTest() override {
    stop(transcoder);
    stage.advance({});
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
  stage.tell(transcoder, AddRoutes{"gwtest.v1.EchoService"});
  stage.advance({});
  const auto count = routes->get()->routes().size();
  stage.tell(transcoder, AddRoutes{"gwtest.v1.EchoService"});
  stage.advance({});
  EXPECT_EQ(routes->get()->routes().size(), count);
}

TEST_F(TranscoderTest, ServicesThatAreNotInTheTableAddNothing) {
  stage.tell(transcoder, AddRoutes{"a.B"});
  stage.advance({});
  EXPECT_TRUE(routes->get()->routes().empty());
}

}  // namespace
}  // namespace brontes
