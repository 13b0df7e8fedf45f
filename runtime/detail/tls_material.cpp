#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <brontes/runtime/detail/tls_material.hpp>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace brontes::detail {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

tl::unexpected<Status> bad_file(const char* what, const std::string& file, const std::string& why) {
  ERR_clear_error();
  return fail(Errc::kInvalidArgument, std::string("TLS ") + what + " '" + file + "': " + why);
}

Expected<std::string> read_file(const char* what, const std::string& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in && !text.empty()) return text;
  const std::string why =
      errno != 0 ? std::generic_category().message(errno) : std::string("it is empty");
  return bad_file(what, file, "cannot be read: " + why);
}

Bio memory(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free};
}

Certificate first_certificate(const std::string& pem) {
  return {PEM_read_bio_X509(memory(pem).get(), nullptr, nullptr, nullptr), &X509_free};
}

Key private_key(const std::string& pem) {
  // Without this OpenSSL would ask for a pass phrase on the terminal.
  const auto no_pass_phrase = [](char*, int, int, void*) { return -1; };
  return {PEM_read_bio_PrivateKey(memory(pem).get(), nullptr, no_pass_phrase, nullptr),
          &EVP_PKEY_free};
}

}  // namespace

Expected<TlsMaterial> load_tls(const TlsFiles& files) {
  const auto chain = read_file("certificate", files.certificate);
  if (!chain) return fail(chain.error());
  const auto key = read_file("key", files.key);
  if (!key) return fail(key.error());

  const Certificate certificate = first_certificate(*chain);
  if (!certificate) return bad_file("certificate", files.certificate, "no certificate in PEM form");
  const Key parsed = private_key(*key);
  if (!parsed) return bad_file("key", files.key, "no private key in PEM form without pass phrase");
  if (X509_check_private_key(certificate.get(), parsed.get()) != 1)
    return bad_file("key", files.key, "does not belong to certificate '" + files.certificate + "'");

  if (files.client_ca.empty()) return TlsMaterial{*chain, *key, ""};
  const auto roots = read_file("client CA", files.client_ca);
  if (!roots) return fail(roots.error());
  if (!first_certificate(*roots))
    return bad_file("client CA", files.client_ca, "no certificate in PEM form");
  return TlsMaterial{*chain, *key, *roots};
}

bool is_same_certificate(const std::string& a, const std::string& b) {
  const Certificate first = first_certificate(a), second = first_certificate(b);
  ERR_clear_error();
  return first && second && X509_cmp(first.get(), second.get()) == 0;
}

}  // namespace brontes::detail
