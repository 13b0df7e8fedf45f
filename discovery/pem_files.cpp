#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <brontes/discovery/pem_files.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>

namespace brontes {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

tl::unexpected<Status> bad_file(const std::string& what, const std::string& file,
                                const std::string& why) {
  ERR_clear_error();
  return fail(Errc::kInvalidArgument, "TLS " + what + " '" + file + "': " + why);
}

Expected<std::string> read_file(const std::string& what, const std::string& file) {
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

Expected<std::string> read_certificates(const std::string& what, const std::string& file) {
  auto pem = read_file(what, file);
  if (pem && !first_certificate(*pem)) return bad_file(what, file, "no certificate in PEM form");
  return pem;
}

Expected<KeyPair> read_key_pair(const std::string& certificate, const std::string& key) {
  auto chain = read_certificates("certificate", certificate);
  if (!chain) return fail(chain.error());
  auto text = read_file("key", key);
  if (!text) return fail(text.error());
  const Key parsed = private_key(*text);
  if (!parsed) return bad_file("key", key, "no private key in PEM form without pass phrase");
  if (X509_check_private_key(first_certificate(*chain).get(), parsed.get()) != 1)
    return bad_file("key", key, "does not belong to certificate '" + certificate + "'");
  return KeyPair{std::move(*chain), std::move(*text)};
}

}  // namespace brontes
