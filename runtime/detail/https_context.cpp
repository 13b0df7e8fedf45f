#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <brontes/runtime/detail/tls_material.hpp>

#include <string_view>

namespace brontes::detail {
namespace {

using HttpsContext = std::shared_ptr<ssl_ctx_st>;
using LeafCertificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

/// What is spoken here, in the form of ALPN.
constexpr std::string_view kProtocols = "\x08http/1.1\x08http/1.0";

// A client that names protocols and none of ours is turned away, as RFC 7301 has it.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  const int found =
      SSL_select_next_proto(const_cast<unsigned char**>(chosen), size,
                            reinterpret_cast<const unsigned char*>(kProtocols.data()),
                            static_cast<unsigned>(kProtocols.size()), offered, offered_size);
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Bio memory(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

// The next one of a file, or null.
LeafCertificate next_certificate(BIO* pem) {
  return {PEM_read_bio_X509(pem, nullptr, nullptr, nullptr), &X509_free};
}

bool use_chain(SSL_CTX* context, const std::string& pem) {
  const Bio in = memory(pem);
  const LeafCertificate own = next_certificate(in.get());
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  while (const LeafCertificate next = next_certificate(in.get()))
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return false;
  return true;
}

bool use_key(SSL_CTX* context, const std::string& pem) {
  const Key key(PEM_read_bio_PrivateKey(memory(pem).get(), nullptr, nullptr, nullptr),
                &EVP_PKEY_free);
  return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

// The names of the CAs are sent to clients, which choose their certificate by them.
void trust_clients_of(SSL_CTX* context, const std::string& pem) {
  const Bio in = memory(pem);
  while (const LeafCertificate ca = next_certificate(in.get())) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get());
    SSL_CTX_add_client_CA(context, ca.get());
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
}

tl::unexpected<Status> refused(const char* what) {
  char why[256] = "";
  ERR_error_string_n(ERR_get_error(), why, sizeof why);
  ERR_clear_error();
  return fail(Errc::kInvalidArgument, std::string("TLS ") + what + ": OpenSSL refuses it: " + why);
}

}  // namespace

Expected<HttpsContext> https_context(const TlsMaterial& material) {
  const HttpsContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) return refused("context");
  SSL_CTX* const made = context.get();
  SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
  SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_alpn_select_cb(made, &choose_protocol, nullptr);
  // Sessions are kept by the clients, in tickets; with client certificates OpenSSL wants a name for
  // whom they are valid.
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
  constexpr std::string_view kName = "brontes";
  SSL_CTX_set_session_id_context(made, reinterpret_cast<const unsigned char*>(kName.data()),
                                 static_cast<unsigned>(kName.size()));
  if (!use_chain(made, material.certificate)) return refused("certificate");
  if (!use_key(made, material.key)) return refused("key");
  if (!material.client_ca.empty()) trust_clients_of(made, material.client_ca);
  ERR_clear_error();  // the end of a file is an error to OpenSSL
  return context;
}

}  // namespace brontes::detail
