// PEM files of certificates and keys, read and checked at once: gRPC would only log what is wrong
// with them, and fail every handshake.
#pragma once

#include <brontes/actors/status.hpp>
#include <string>

namespace brontes {

/// Who one is, as PEM text.
struct KeyPair {
  std::string certificate;  ///< the chain, one's own first
  std::string key;
};

/// `what` names it in errors: "TLS client CA '/etc/ca.pem': no certificate in PEM form". Blocks.
/// kInvalidArgument: no file, none that can be read, no certificate in it.
Expected<std::string> read_certificates(const std::string& what, const std::string& file);

/// As read_certificates; kInvalidArgument also for a key that has a pass phrase, or that belongs to
/// another certificate.
Expected<KeyPair> read_key_pair(const std::string& certificate, const std::string& key);

}  // namespace brontes
