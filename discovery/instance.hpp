// One registered process: the record that goes into a registry, member for member that of hephfx.
#pragma once

#include <brontes/actors/status.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace brontes {

/// Text, or any other JSON value as compact JSON text. Comparable with, and made from, text.
struct MetadataValue {
  MetadataValue() = default;
  MetadataValue(std::string value) : text(std::move(value)) {}  // NOLINT: meant to be implicit
  MetadataValue(const char* value) : text(value) {}             // NOLINT: likewise
  std::string text;
  bool is_json = false;  ///< `text` is JSON of something that is no string
  friend bool operator==(const MetadataValue&, const MetadataValue&) = default;
};

/// A value. The member names are the JSON names; all twelve are always written.
struct Instance {
  std::string network = "tcp";
  std::string name = {};            ///< the service: "greeter"; [A-Za-z0-9._-]{1,128}
  std::string address = {};         ///< host:port that callers dial; IPv6 in brackets
  std::string naming_address = {};  ///< a DNS name for the same, or ""
  std::string instance_id = {};     ///< unique; stays the same for the life of the process
  std::string version = {};         ///< "v1", or "" for unversioned
  std::uint32_t weight = 100;       ///< share of calls relative to others; 0 is written as 100
  bool healthy = true;              ///< false: drained, do not pick
  std::string protocol = "GRPC";
  std::string created = {};  ///< free text, "2024-01-01 00:00:00"
  std::map<std::string, MetadataValue> metadata = {};
  std::map<std::string, std::string> tags = {};

  friend bool operator==(const Instance&, const Instance&) = default;
};

using InstancePtr = std::shared_ptr<const Instance>;

/// Start time in unix ms times 65536 plus 16 random bits, from `metadata["brontes.incarnation"]`;
/// the larger one is the newer process. 0 when absent.
std::uint64_t incarnation(const Instance& instance);

/// The record as JSON: twelve members, fixed order, compact, no trailing newline.
std::string to_json(const Instance& instance);

/// Lenient as hephfx is: missing members, unknown members, null maps. kInvalidArgument otherwise.
Expected<Instance> instance_from_json(std::string_view json);

/// kInvalidArgument with the reason unless it may be a service's name, a version or an instance id:
/// 1 to 128 of [A-Za-z0-9._-].
Status check_name(std::string_view text);

/// kInvalidArgument with the reason when the record must not be written: a name, version or id with
/// a slash, a space or nothing, an address without host or port, a value of 64 KiB or more.
Status validate(const Instance& instance);

/// "name/version/id", or "name/id" without a version: what registries file it under.
std::string record_key(const Instance& instance);

/// Which instances one wants.
struct Query {
  std::string name = {};                             ///< "": all services
  std::string version = {};                          ///< "": all versions
  std::map<std::string, std::string> tags = {};      ///< all must be there with these values
  std::map<std::string, std::string> metadata = {};  ///< likewise
  std::string instance_id = {};                      ///< only this one; "": all

  bool matches(const Instance& instance) const;
  /// Whether a record under that key belongs to the name and version.
  bool covers(std::string_view key) const;
  /// "greeter/v1", "greeter"
  std::string to_string() const;
  friend auto operator<=>(const Query&, const Query&) = default;
};

}  // namespace brontes
