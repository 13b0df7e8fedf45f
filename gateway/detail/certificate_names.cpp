#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <brontes/gateway/detail/certificate_names.hpp>

#include <memory>
#include <string>

namespace brontes::detail {
namespace {

using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;

std::string text_of(const ASN1_STRING* text) {
  const auto* bytes = reinterpret_cast<const char*>(ASN1_STRING_get0_data(text));
  std::string result(bytes, static_cast<std::size_t>(ASN1_STRING_length(text)));
  return result.find('\0') == std::string::npos ? result : std::string();
}

// The first one, in UTF-8: as gRPC reads it.
std::string common_name(x509_st& certificate) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return {};
  unsigned char* bytes = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0) return {};
  std::string name(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return name.find('\0') == std::string::npos ? name : std::string();
}

void add(std::string name, std::vector<std::string>& names) {
  if (!name.empty()) names.push_back(std::move(name));
}

}  // namespace

PeerIdentity names_of(x509_st& certificate) {
  PeerIdentity identity;
  identity.common_name = common_name(certificate);
  const Names names(static_cast<GENERAL_NAMES*>(
                        X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
                    &GENERAL_NAMES_free);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type == GEN_URI) add(text_of(static_cast<const ASN1_STRING*>(value)), identity.uris);
    if (type == GEN_DNS) add(text_of(static_cast<const ASN1_STRING*>(value)), identity.dns_names);
  }
  return identity;
}

}  // namespace brontes::detail
