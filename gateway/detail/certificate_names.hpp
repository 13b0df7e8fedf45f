// The names in a certificate.
#pragma once

#include <brontes/actors/call/peer_identity.hpp>

struct x509_st;

namespace brontes::detail {

/// Names with a zero byte in them, which would read as another name in C, are left out.
PeerIdentity names_of(x509_st& certificate);

}  // namespace brontes::detail
