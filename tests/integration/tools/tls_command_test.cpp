// `brontes call` against a server that speaks TLS.
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include <memory>

#include "../runtime/certificates.hpp"
#include "child_process.hpp"
#include "command_world.hpp"

namespace brontes::cli {
namespace {

class TlsCommand : public ::testing::Test {
 protected:
  TlsCommand() {
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    certificates_.make_ca("ca");
    certificates_.make_ca("other-ca");
    certificates_.make_signed("server", "ca", "DNS:greeter,DNS:greeter.prod");
    certificates_.make_signed("elsewhere", "ca", "DNS:greeter.prod");
    certificates_.make_signed("client", "ca");
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string file(const std::string& name) const { return certificates_.file(name); }

  void start(const std::string& certificate, bool mutual) {
    grpc::SslServerCredentialsOptions options(
        mutual ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
               : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
    options.pem_root_certs = certificates_.text("ca.pem");
    options.pem_key_cert_pairs.push_back(
        {certificates_.text(certificate + ".key"), certificates_.text(certificate + ".pem")});
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port_);
    builder.RegisterService(&greeter_);
    server_ = builder.BuildAndStart();
  }
  Outcome call(const std::vector<std::string>& more) {
    std::vector<std::string> words{"call",
                                   "--registry",
                                   "static://127.0.0.1:" + std::to_string(port_),
                                   "--deadline",
                                   "2s",
                                   "greeter",
                                   "Hello.Greeter/SayHello",
                                   R"({"name":"you"})"};
    words.insert(words.end(), more.begin(), more.end());
    return brontes(words);
  }
  void expect_hello(const std::vector<std::string>& words) {
    const Outcome outcome = call(words);
    EXPECT_EQ(outcome.out, "{\"message\":\"hello, you\"}\n") << outcome.err;
  }

 private:
  testing::Certificates certificates_;
  Greeter greeter_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(TlsCommand, BelievesAServerOfTheServicesName) {
  start("server", false);
  expect_hello({"--cacert", file("ca.pem")});
  expect_hello({"--cacert", file("ca.pem"), "--tls", "--servername=greeter.prod"});
}

TEST_F(TlsCommand, ShowsItsCertificate) {
  start("elsewhere", true);
  expect_hello({"--cacert", file("ca.pem"), "--cert", file("client.pem"), "--key",
                file("client.key"), "--servername", "greeter.prod"});
}

TEST_F(TlsCommand, RegisterAsksItsAddressByTls) {
  start("server", false);
  const std::vector<std::string> words{
      BRONTES_COMMAND, "register", "--registry", "memory:", "--name", "greeter",
      "--address",     address(),  "--probe",    "grpc",    "--json"};
  auto believed = words;
  believed.insert(believed.end(), {"--cacert", file("ca.pem")});
  testing::ChildProcess process(believed, STDOUT_FILENO);
  EXPECT_NE(process.wait_for_line("registered"), "");
  auto doubted = words;
  doubted.insert(doubted.end(), {"--cacert", file("other-ca.pem")});
  testing::ChildProcess other(doubted);
  EXPECT_NE(other.wait_for_line("does not serve yet"), "");
}

TEST_F(TlsCommand, RegisterTakesTlsForItsProbeOnly) {
  const Outcome outcome = brontes({"register", "--registry", "memory:", "--name", "greeter",
                                   "--address", "h:1", "--cacert", file("ca.pem")});
  EXPECT_EQ(outcome.exit, kBadUsage);
  EXPECT_EQ(outcome.err,
            "brontes: register: TLS is how --probe grpc asks; without it leave it out\n");
}

TEST_F(TlsCommand, AServerThatIsNotBelievedIsUnreachableAndWhatWasDemandedIsTold) {
  start("elsewhere", false);
  const Outcome name = call({"--cacert", file("ca.pem"), "--deadline", "300ms"});
  EXPECT_EQ(name.exit, kUnreachable);
  EXPECT_NE(name.err.find("certificate must be of 'greeter' (--servername), signed by --cacert\n"),
            std::string::npos)
      << name.err;
  const Outcome system = call({"--tls", "--servername", "greeter.prod", "--deadline", "300ms"});
  EXPECT_EQ(system.exit, kUnreachable);
  EXPECT_NE(system.err.find("of 'greeter.prod' (--servername), signed by a CA that the system"),
            std::string::npos)
      << system.err;
  const Outcome plain = call({"--deadline", "300ms"});
  EXPECT_EQ(plain.exit, kUnreachable);
  EXPECT_NE(plain.err.find("; if they speak TLS, say --tls or --cacert\n"), std::string::npos)
      << plain.err;
}

TEST_F(TlsCommand, FilesThatCannotBeUsedAreBadUsage) {
  start("server", false);
  for (const auto& [words, why] : {std::pair<std::vector<std::string>, std::string>{
                                       {"--cacert", file("none")}, "TLS CA '" + file("none")},
                                   {{"--cert", file("client.pem")}, "its key is missing"},
                                   {{"--key", file("client.key")}, "its certificate is missing"}}) {
    const Outcome outcome = call(words);
    EXPECT_EQ(outcome.exit, kBadUsage);
    EXPECT_NE(outcome.err.find(why), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace brontes::cli
