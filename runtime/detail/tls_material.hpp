// PEM files, read and checked once, for whoever ends TLS: gRPC for its connections, OpenSSL for
// those of HTTP.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/runtime/tls_files.hpp>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace brontes::detail {

struct TlsMaterial {
  std::string certificate;  ///< PEM text of the chain
  std::string key;
  std::string client_ca;  ///< "": clients are not asked who they are
};

/// kInvalidArgument: "TLS key '/etc/k.pem': cannot be read: Permission denied". Whoever is given
/// bad files finds out here: gRPC would only log, and open a port on which every handshake fails.
Expected<TlsMaterial> load_tls(const TlsFiles& files);

/// Of the first ones in two PEM texts.
bool is_same_certificate(const std::string& a, const std::string& b);

/// A server of HTTP/1.1 (by ALPN) over TLS 1.2 or newer; with a client CA, only for clients with a
/// certificate of it. kInvalidArgument for what OpenSSL does not take, such as a key that is too
/// short.
Expected<std::shared_ptr<ssl_ctx_st>> https_context(const TlsMaterial& material);

}  // namespace brontes::detail
