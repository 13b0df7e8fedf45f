// Who may speak to a real agent of Consul: tokens, TLS from both sides, datacenters.
#include <brontes/discovery/registries/registries.hpp>

#include "certificates.hpp"
#include "consul_agent.hpp"
#include "discovery_diary.hpp"

namespace brontes::testing {
namespace {

using Type = AnnouncementEvent::Type;

Status list(System& system, const std::string& url, RegistryAccess access) {
  Discovery discovery(system, {url, {}, std::move(access)});
  const auto listed = discovery.list(Query{"svc"}, kHang);
  return listed ? Status() : listed.error();
}

/// The first thing that happens to a record that is put.
Status put(System& system, const std::string& url, RegistryAccess access) {
  Registries registries(system, std::move(access));
  RegistryClient client(system, registries.open(url)->registry);
  const auto granted = client.grant();
  if (!granted) return granted.error();
  const auto done = client.put(granted->lease, instance("x"));
  return done ? Status() : done.error();
}

TEST(ConsulToken, OpensTheRegistryAsFarAsItsPoliciesGo) {
  NEEDS_CONSUL();
  ConsulAgent consul(ConsulFlags{.more = ConsulAgent::demand_tokens()});
  const std::string token = consul.token_for(
      "service_prefix \"\" { policy = \"write\" } "
      "node_prefix \"\" { policy = \"read\" }");
  const std::string reader = consul.token_for(
      "service_prefix \"\" { policy = \"read\" } "
      "node_prefix \"\" { policy = \"read\" }");
  const std::string url = consul.url("/p");
  System system{{.threads = 2}};
  Discovery discovery(system, {url, {}, {.password = token}});
  Announced mine(discovery, instance("a"));
  mine.expect(Type::kRegistered);
  Discovery readers(system, {url, {}, {.password = reader}});
  Subscribed theirs(readers);
  theirs.wait_for({"a"});
  EXPECT_TRUE(mine->withdraw().get().ok());
  theirs.wait_for(std::vector<std::string>{});

  EXPECT_EQ(put(system, url, {.password = reader}).code(), Errc::kPermissionDenied);
  EXPECT_EQ(put(system, url, {}).code(), Errc::kPermissionDenied);
  EXPECT_EQ(put(system, url, {.password = "no-such-token"}).code(), Errc::kPermissionDenied);
  EXPECT_EQ(list(system, url, {.password = "no-such-token"}).code(), Errc::kPermissionDenied);
}

TEST(ConsulTls, IsSpokenFromBothSides) {
  NEEDS_CONSUL();
  Certificates files;
  files.make_ca("ca");
  files.make_ca("other");
  files.make_signed("server", "ca", "IP:127.0.0.1,DNS:localhost");
  files.make_signed("client", "ca");
  const auto setting = [&](const char* key, const char* file) {
    return std::string(key) + " = \"" + files.file(file) + "\"";
  };
  ConsulAgent consul(
      {.more = {"-hcl", setting("ca_file", "ca.pem"), "-hcl", setting("cert_file", "server.pem"),
                "-hcl", setting("key_file", "server.key"), "-hcl", "verify_incoming_https = true"},
       .scheme = "https"});
  const std::string url = consul.url("/p");
  System system{{.threads = 2}};
  const RegistryAccess good{.tls = true,
                            .ca = files.file("ca.pem"),
                            .cert = files.file("client.pem"),
                            .key = files.file("client.key")};
  Discovery discovery(system, {url, {}, good});
  Announced mine(discovery, instance("a"));
  mine.expect(Type::kRegistered);
  Subscribed theirs(discovery);
  theirs.wait_for({"a"});

  RegistryAccess nobody = good, mistrusting = good;
  nobody.cert = nobody.key = "";
  mistrusting.ca = files.file("other.pem");
  EXPECT_EQ(list(system, url, good), Status());
  EXPECT_EQ(list(system, url, nobody).code(), Errc::kUnavailable);
  const Status mistrust = list(system, url, mistrusting);
  EXPECT_EQ(mistrust.code(), Errc::kUnavailable);
  EXPECT_NE(mistrust.message().find("TLS handshake"), std::string::npos) << mistrust;
  EXPECT_FALSE(list(system, url, {}).ok());
}

TEST(ConsulTls, TheCertificateMustBeOfTheHostThatWasAsked) {
  NEEDS_CONSUL();
  Certificates files;
  files.make_ca("ca");
  files.make_signed("server", "ca", "DNS:elsewhere");
  ConsulAgent consul({.more = {"-hcl", "cert_file = \"" + files.file("server.pem") + "\"", "-hcl",
                               "key_file = \"" + files.file("server.key") + "\""},
                      .scheme = "https"});
  System system{{.threads = 2}};
  const RegistryAccess access{.tls = true, .ca = files.file("ca.pem")};
  EXPECT_EQ(list(system, consul.url("/p"), access).code(), Errc::kUnavailable);
}

TEST(ConsulDatacenter, IsReadFrom) {
  NEEDS_CONSUL();
  System system{{.threads = 2}};
  const std::string url = shared_consul().url("/dc");
  EXPECT_EQ(list(system, url + "&dc=dc1", {}), Status());
  const Status nowhere = list(system, url + "&dc=nowhere", {});
  EXPECT_EQ(nowhere.code(), Errc::kUnavailable);
  EXPECT_NE(nowhere.message().find("No path to datacenter"), std::string::npos) << nowhere;
}

TEST(ConsulAgents, TheNextOneIsReadFromWhenOneIsAway) {
  NEEDS_CONSUL();
  System system{{.threads = 2}};
  std::string url = shared_consul().url("/agents");
  url.replace(0, sizeof "consul://" - 1, "consul://127.0.0.1:1,");
  EXPECT_EQ(list(system, url, {}), Status());
  EXPECT_EQ(put(system, url, {}).code(), Errc::kUnavailable);
}

}  // namespace
}  // namespace brontes::testing
