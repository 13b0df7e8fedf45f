#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <brontes/discovery/pem_files.hpp>
#include <brontes/runtime/detail/tls_material.hpp>

#include <memory>

namespace brontes::detail {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate first_certificate(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  return {PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &X509_free};
}

}  // namespace

Expected<TlsMaterial> load_tls(const TlsFiles& files) {
  auto own = read_key_pair(files.certificate, files.key);
  if (!own) return fail(own.error());
  TlsMaterial material{std::move(own->certificate), std::move(own->key), ""};
  if (files.client_ca.empty()) return material;
  auto roots = read_certificates("client CA", files.client_ca);
  if (!roots) return fail(roots.error());
  material.client_ca = std::move(*roots);
  return material;
}

bool is_same_certificate(const std::string& a, const std::string& b) {
  const Certificate first = first_certificate(a), second = first_certificate(b);
  ERR_clear_error();
  return first && second && X509_cmp(first.get(), second.get()) == 0;
}

}  // namespace brontes::detail
