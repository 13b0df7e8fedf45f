#include "certificates.hpp"
#include "grpc_world.hpp"

namespace brontes::testing {
namespace {

class GrpcTls : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    files_ = new Certificates;
    files_->make_ca("ca");
    files_->make_ca("other-ca");
    files_->make_signed("server", "ca");
    files_->make_signed("client", "ca");
    files_->make_signed("stranger", "other-ca");
  }
  static void TearDownTestSuite() { delete files_; }

  static GrpcDoorOptions with(TlsFiles tls) {
    auto options = on_any_port();
    options.tls = std::move(tls);
    return options;
  }
  static TlsFiles server_files() {
    return {files_->file("server.pem"), files_->file("server.key"), ""};
  }
  static TlsFiles mutual_files() {
    TlsFiles files = server_files();
    files.client_ca = files_->file("ca.pem");
    return files;
  }
  static grpc::Status call(GrpcWorld& world, const std::string& who) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = files_->text("ca.pem");
    if (!who.empty()) {
      options.pem_cert_chain = files_->text(who + ".pem");
      options.pem_private_key = files_->text(who + ".key");
    }
    grpc::ChannelArguments arguments;
    arguments.SetSslTargetNameOverride("localhost");
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto stub = Echo::NewStub(
        grpc::CreateCustomChannel(world.target(), grpc::SslCredentials(options), arguments));
    Context context;
    Answer answer;
    return stub->Say(&context, ask_for("x"), &answer);
  }
  static std::string error_of(const TlsFiles& tls) {
    const MethodTable table;
    const auto opened = GrpcDoor::open(table, with(tls));
    return opened ? "" : opened.error().to_string();
  }

  static Certificates* files_;
};
Certificates* GrpcTls::files_ = nullptr;

TEST_F(GrpcTls, ServesClientsThatTrustItsCa) {
  GrpcWorld world(with(server_files()));
  EXPECT_TRUE(call(world, "").ok());
}

TEST_F(GrpcTls, PlainClientsAreTurnedAway) {
  GrpcWorld world(with(server_files()));
  Context context;
  Answer answer;
  EXPECT_EQ(world.stub->Say(&context, Ask(), &answer).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(GrpcTls, MutualTakesOnlyClientsOfItsCa) {
  GrpcWorld world(with(mutual_files()));
  EXPECT_TRUE(call(world, "client").ok());
  EXPECT_EQ(call(world, "").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(call(world, "stranger").error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(world.recorder->begun(), 1);
}

TEST_F(GrpcTls, MissingFileIsNamed) {
  TlsFiles tls = server_files();
  tls.key = files_->file("none");
  EXPECT_EQ(error_of(tls), "INVALID_ARGUMENT: TLS key '" + tls.key +
                               "': cannot be read: No such file or directory");
}

TEST_F(GrpcTls, FilesThatAreSomethingElseAreNamed) {
  std::ofstream(files_->file("junk")) << "junk";
  const std::string junk = files_->file("junk");
  TlsFiles bad_certificate = server_files(), bad_key = server_files(), bad_ca = mutual_files();
  bad_certificate.certificate = bad_key.key = bad_ca.client_ca = junk;
  EXPECT_EQ(error_of(bad_certificate),
            "INVALID_ARGUMENT: TLS certificate '" + junk + "': no certificate in PEM form");
  EXPECT_EQ(error_of(bad_key), "INVALID_ARGUMENT: TLS key '" + junk +
                                   "': no private key in PEM form without pass phrase");
  EXPECT_EQ(error_of(bad_ca),
            "INVALID_ARGUMENT: TLS client CA '" + junk + "': no certificate in PEM form");
}

TEST_F(GrpcTls, KeyOfAnotherCertificateIsRefused) {
  TlsFiles tls = server_files();
  tls.key = files_->file("client.key");
  EXPECT_NE(error_of(tls).find("does not belong to certificate"), std::string::npos);
}

TEST_F(GrpcTls, KeyWithPassPhraseIsRefusedWithoutAsking) {
  TlsFiles tls = server_files();
  tls.key = files_->file("locked.key");
  files_->run("openssl ec -aes128 -passout pass:x -in " + files_->file("server.key") + " -out " +
              tls.key);
  EXPECT_NE(error_of(tls).find("without pass phrase"), std::string::npos);
}

}  // namespace
}  // namespace brontes::testing
