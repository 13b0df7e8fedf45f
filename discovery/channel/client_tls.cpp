#include <grpcpp/security/credentials.h>

#include <brontes/discovery/channel/client_tls.hpp>
#include <brontes/discovery/pem_files.hpp>

namespace brontes {

Expected<std::shared_ptr<grpc::ChannelCredentials>> client_credentials(const ClientTls& tls) {
  grpc::SslCredentialsOptions options;
  if (!tls.ca.empty()) {
    auto ca = read_certificates("CA", tls.ca);
    if (!ca) return fail(ca.error());
    options.pem_root_certs = std::move(*ca);
  }
  if (tls.certificate.empty() != tls.key.empty())
    return fail(Errc::kInvalidArgument,
                tls.key.empty() ? "TLS certificate '" + tls.certificate + "': its key is missing"
                                : "TLS key '" + tls.key + "': its certificate is missing");
  if (!tls.certificate.empty()) {
    auto pair = read_key_pair(tls.certificate, tls.key);
    if (!pair) return fail(pair.error());
    options.pem_cert_chain = std::move(pair->certificate);
    options.pem_private_key = std::move(pair->key);
  }
  return grpc::SslCredentials(options);
}

}  // namespace brontes
