// Where the keys of a server lie.
#pragma once

#include <string>

namespace brontes {

/// PEM files, read when a door opens, and never again. A value.
struct TlsFiles {
  std::string certificate;  ///< the chain, the server's own first
  std::string key;          ///< of the first certificate, without a pass phrase
  std::string
      client_ca;  ///< "": clients stay anonymous; else each must show a certificate of these
};

}  // namespace brontes
