// A snapshot as the text of a file: a line that says what it is, one about the query, one per
// instance, and a checksum of all that.
#pragma once

#include <brontes/actors/clock.hpp>
#include <brontes/discovery/snapshot.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace brontes::detail {

inline constexpr std::size_t kMaxSnapshotBytes = 64u << 20;  // some 250,000 instances

struct ArchivedSnapshot {
  std::string registry;  ///< URL, normalised
  SnapshotPtr snapshot;  ///< of it: query, revision, epoch, instances, held
  WallTime proven{};     ///< when the registry confirmed it last
};

std::string encode_snapshot(const ArchivedSnapshot& what);

/// The snapshot is kStale. kDataLoss: damaged, or no snapshot at all; kFailedPrecondition: of
/// another version.
Expected<ArchivedSnapshot> decode_snapshot(std::string_view text);

/// The same for the same registry and query, another one for others:
/// "greeter-v1-0123456789abcdef.snapshot".
std::string snapshot_file_name(const std::string& registry, const Query& query);

}  // namespace brontes::detail
