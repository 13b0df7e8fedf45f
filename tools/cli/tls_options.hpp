// How a command is told to speak TLS, with the names that grpcurl has for it.
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/channel/client_tls.hpp>
#include <brontes/tools/cli/arguments.hpp>
#include <optional>
#include <string>
#include <vector>

namespace brontes::cli {

/// `options` with --tls, --cacert, --cert, --key and --servername.
std::vector<Option> with_tls(std::vector<Option> options);

/// Nothing unless one of them was given. kInvalidArgument: files that cannot be used.
Expected<std::optional<ClientTls>> read_tls(const Arguments& arguments);

/// What to look at when an address cannot be connected to.
std::string tls_hint(const std::optional<ClientTls>& tls, const std::string& name);

}  // namespace brontes::cli
