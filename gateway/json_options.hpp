// How messages are written as JSON and read from it.
#pragma once

namespace brontes {

/// A plain value. The defaults are those of hephfx's gateway.
struct JsonOptions {
  /// Writing: also fields that hold their default; unset messages as null. Unset members of a oneof
  /// and unset `optional` fields are never written.
  bool print_unset = true;
  /// Writing: `user_name`, not `userName`. Reading takes both.
  bool proto_names = true;
  /// Writing: enum values by number instead of by name.
  bool enum_numbers = false;
  /// Reading: members and enum names that the message does not know are skipped, not refused.
  bool ignore_unknown = true;
  /// Reading: messages, lists and objects inside each other. Writing: messages. More than
  /// protobuf's own limit of messages is never read.
  int max_depth = 100;

  /// hephfx and grpc-gateway: everything printed, proto names, unknown members ignored.
  static JsonOptions hephfx() { return {}; }
  /// The canonical mapping of proto3: defaults left out, JSON names, unknown members refused.
  static JsonOptions proto3() { return {false, false, false, false, 100}; }
};

}  // namespace brontes
