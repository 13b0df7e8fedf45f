// Headers of HTTP as metadata of a call, and back. docs/gateway.md has the table.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/actors/status.hpp>
#include <brontes/gateway/detail/http_message.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes::detail {

using Metadata = std::vector<std::pair<std::string, std::string>>;

/// The metadata of a request. `peer` is the address alone, for x-forwarded-for.
Metadata metadata_of(const RawRequest& request, std::string_view peer);

/// As metadata_of, the first value of one key.
std::string metadata_of(const RawRequest& request, std::string_view peer, std::string_view key);

/// kInvalidArgument for "-bin" values that are no base64.
Status check_metadata(const RawRequest& request);

/// "250m" as gRPC writes it: at most eight digits and H, M, S, m, u or n. Zero: none.
Expected<Duration> timeout_from_text(std::string_view text);

/// "Grpc-Metadata-Foo" for "foo"; what travels under its own name, x-request-id, keeps it.
std::pair<std::string, std::string> header_of(const std::string& key, const std::string& value);
/// "Grpc-Trailer-Foo" for "foo".
std::pair<std::string, std::string> trailer_of(const std::string& key, const std::string& value);

}  // namespace brontes::detail
