// A node that speaks TLS asks its advertised address for its health before it is announced.
#include <brontes/actors/log.hpp>
#include "../runtime/certificates.hpp"

#include "node_world.hpp"

namespace brontes::testing {
namespace {

struct TlsProbe : ::testing::Test {
  TlsProbe() {
    certificates.make_ca("ca");
    certificates.make_signed("one", "ca");
    certificates.make_signed("other", "ca");
  }
  Settings settings_with(const std::string& certificate) {
    auto settings = settings_for_test();
    settings.tls = {.cert = certificates.file(certificate + ".pem"),
                    .key = certificates.file(certificate + ".key")};
    return settings;
  }
  std::unique_ptr<Node> make(const Settings& settings) {
    auto node = std::make_unique<Node>(settings, system);
    node->serve<GreeterMethods>(actor<Greeter>());
    return node;
  }

  Certificates certificates;
  System system{{.threads = 2}};
};

TEST_F(TlsProbe, FindsTheNodesOwnCertificate) {
  for (const Mode mode : {Mode::kShared, Mode::kTwoPorts, Mode::kGrpc}) {
    auto settings = settings_with("one");
    settings.mode = mode;
    settings.http_listen = settings.listen;
    EXPECT_EQ(make(settings)->start(), Status());
  }
}

// The certificate is for localhost, and gRPC would say on standard error that it does not fit.
TEST_F(TlsProbe, LeavesStandardErrorToTheLog) {
  std::vector<std::string> lines;
  set_log_sink(
      [&](LogLevel, std::string_view, std::string_view line) { lines.emplace_back(line); });
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(make(settings_with("one"))->start(), Status());
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  set_log_sink(nullptr);
}

TEST_F(TlsProbe, IsNotAnsweredByWhoeverShowsAnotherOne) {
  const auto other = make(settings_with("other"));
  ASSERT_EQ(other->start(), Status());
  auto settings = settings_with("one");
  settings.probe.timeout = 200ms;
  settings.advertise = Address{"127.0.0.1", other->port()};
  const Status status = make(settings)->start();
  EXPECT_FALSE(status.ok());
  const std::string begin = "probe the advertised address: ask the advertised address 127.0.0.1:" +
                            std::to_string(other->port()) + " for its health: ";
  EXPECT_TRUE(status.message().starts_with(begin)) << status.message();
  settings.tls = settings_with("other").tls;
  EXPECT_EQ(make(settings)->start(), Status());
}

TEST_F(TlsProbe, IsLeftOutWhereClientsShowCertificates) {
  auto settings = settings_with("one");
  settings.tls.client_ca = certificates.file("ca.pem");
  settings.advertise = Address{"127.0.0.1", 1};  // nobody is there
  EXPECT_EQ(make(settings)->start(), Status());
}

}  // namespace
}  // namespace brontes::testing
