#include <grpcpp/security/server_credentials.h>
#include <brontes/runtime/grpc/detail/server_tls.hpp>

namespace brontes::detail {

Expected<std::shared_ptr<grpc::ServerCredentials>> server_credentials(const TlsFiles& files) {
  const auto material = load_tls(files);
  if (!material) return fail(material.error());
  grpc::SslServerCredentialsOptions options(
      material->client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                  : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_key_cert_pairs.push_back({material->key, material->certificate});
  options.pem_root_certs = material->client_ca;
  return grpc::SslServerCredentials(options);
}

}  // namespace brontes::detail
