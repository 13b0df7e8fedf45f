// Asks a gRPC server what it serves (server reflection).
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <memory>
#include <string>
#include <vector>

namespace grpc {
class ChannelInterface;
}

namespace brontes::cli {

/// Files as serialised FileDescriptorProto, each once, with all that they import.
using DescriptorFiles = std::vector<std::string>;

/// Blocks up to `timeout`. kNotFound: the server knows no such symbol, the text says what it
/// serves; kUnimplemented: it offers no reflection; kUnavailable, kDeadlineExceeded: not reached.
Expected<DescriptorFiles> describe(const std::shared_ptr<grpc::ChannelInterface>& channel,
                                   const std::string& service, Duration timeout);

}  // namespace brontes::cli
