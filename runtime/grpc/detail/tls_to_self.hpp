// A node's way to its own port where that speaks TLS.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <brontes/runtime/tls_files.hpp>
#include <memory>

namespace brontes::detail {

/// Speaks with whoever shows the certificate of these files and has its key; names, signers and
/// dates are not looked at. Shows no certificate itself. kInvalidArgument as load_tls has it.
Expected<std::shared_ptr<Transport>> transport_to_self(const Clock& clock, const TlsFiles& files);

}  // namespace brontes::detail
