// Who may speak to a real etcd: passwords, tokens that end, TLS from both sides.
#include <brontes/discovery/registries/registries.hpp>

#include "certificates.hpp"
#include "discovery_diary.hpp"
#include "etcd_cluster.hpp"

namespace brontes::testing {
namespace {

using Type = AnnouncementEvent::Type;

DiscoveryOptions with(const EtcdCluster& etcd, RegistryAccess access) {
  return {etcd.url("/p"), {}, std::move(access)};
}

struct EtcdPassword : ::testing::Test {
  void SetUp() override {
    NEEDS_ETCD();
    etcd = std::make_unique<EtcdCluster>();
    etcd->demand_passwords();
  }
  System system{{.threads = 2}};
  std::unique_ptr<EtcdCluster> etcd;
};

TEST_F(EtcdPassword, OpensTheRegistryAndOutlivesItsTokens) {
  Discovery discovery(system, with(*etcd, {.user = "me", .password = "secret"}));
  Announced mine(discovery, instance("a"));
  mine.expect(Type::kRegistered);
  Subscribed theirs(discovery);
  theirs.wait_for({"a"});
  // A restart forgets all tokens.
  etcd->kill();
  theirs.wait_for(SnapshotStatus::kStale);
  etcd->start();
  theirs.wait_for(SnapshotStatus::kLive);
  Announced late(discovery, instance("b"));
  late.expect(Type::kRegistered);
  theirs.wait_for({"a", "b"});
  EXPECT_TRUE(mine.is_quiet());
}

TEST_F(EtcdPassword, IsAskedFor) {
  const auto refusal = [&](RegistryAccess access) {
    Discovery discovery(system, with(*etcd, std::move(access)));
    const auto listed = discovery.list(Query{"svc"}, kHang);
    return listed ? Status() : listed.error();
  };
  EXPECT_EQ(refusal({.user = "me", .password = "wrong"}).code(), Errc::kUnauthenticated);
  EXPECT_EQ(refusal({.user = "nobody", .password = "secret"}).code(), Errc::kUnauthenticated);
  const Status nameless = refusal({});
  EXPECT_EQ(nameless.code(), Errc::kUnauthenticated);
  EXPECT_NE(nameless.message().find("registry_auth.user"), std::string::npos) << nameless;
}

TEST_F(EtcdPassword, GivesNoMoreThanItsUserMay) {
  Discovery discovery(system, {etcd->url("/other"), {}, {.user = "me", .password = "secret"}});
  const auto listed = discovery.list(Query{"svc"}, kHang);
  ASSERT_FALSE(listed);
  EXPECT_EQ(listed.error().code(), Errc::kPermissionDenied);
}

TEST(EtcdTls, IsSpokenFromBothSides) {
  NEEDS_ETCD();
  Certificates files;
  files.make_ca("ca");
  files.make_ca("other");
  files.make_signed("server", "ca", "IP:127.0.0.1,DNS:localhost");
  files.make_signed("client", "ca");
  const EtcdCluster etcd(
      1, {{"--cert-file", files.file("server.pem"), "--key-file", files.file("server.key"),
           "--client-cert-auth", "--trusted-ca-file", files.file("ca.pem")},
          "https"});
  System system{{.threads = 2}};
  const auto list = [&](RegistryAccess access) {
    Discovery discovery(system, with(etcd, std::move(access)));
    const auto listed = discovery.list(Query{"svc"}, kHang);
    return listed ? Status() : listed.error();
  };
  const RegistryAccess good{.tls = true,
                            .ca = files.file("ca.pem"),
                            .cert = files.file("client.pem"),
                            .key = files.file("client.key")};
  Discovery discovery(system, with(etcd, good));
  Announced mine(discovery, instance("a"));
  mine.expect(Type::kRegistered);
  Subscribed theirs(discovery);
  theirs.wait_for({"a"});

  RegistryAccess nobody = good, mistrusting = good;
  nobody.cert = nobody.key = "";
  mistrusting.ca = files.file("other.pem");
  EXPECT_EQ(list(good), Status());
  EXPECT_EQ(list(nobody).code(), Errc::kUnavailable);
  EXPECT_EQ(list(mistrusting).code(), Errc::kUnavailable);
  EXPECT_EQ(list({}).code(), Errc::kUnavailable);
}

}  // namespace
}  // namespace brontes::testing
