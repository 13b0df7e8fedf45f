#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <brontes/discovery/channel/grpc_transport.hpp>
#include <brontes/runtime/detail/tls_material.hpp>
#include <brontes/runtime/grpc/detail/tls_to_self.hpp>

#include <string>
#include <string_view>

namespace brontes::detail {
namespace {

namespace exp = grpc::experimental;

class IsThisOne final : public exp::ExternalCertificateVerifier {
 public:
  explicit IsThisOne(std::string certificate) : certificate_(std::move(certificate)) {}

  bool Verify(exp::TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* status) override {
    const auto shown = request->peer_cert();
    if (!is_same_certificate(certificate_, {shown.data(), shown.size()}))
      *status = {grpc::StatusCode::UNAUTHENTICATED, "shows another certificate than this node's"};
    return true;  // at once
  }
  void Cancel(exp::TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::string certificate_;
};

}  // namespace

Expected<std::shared_ptr<Transport>> transport_to_self(const Clock& clock, const TlsFiles& files) {
  const auto material = load_tls(files);
  if (!material) return fail(material.error());
  exp::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(
      exp::ExternalCertificateVerifier::Create<IsThisOne>(material->certificate));
  return make_grpc_transport(clock, {.credentials = exp::TlsCredentials(options)});
}

}  // namespace brontes::detail
