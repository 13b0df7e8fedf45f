// Timestamps, durations and field masks as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brontes::detail {

/// Seconds and nanoseconds, as in google.protobuf.Timestamp (from 1970) and Duration.
struct SecondsNanos {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
};

/// "2020-01-02T03:04:05.5Z", RFC 3339 in upper case, any offset, years 1 to 9999.
std::optional<SecondsNanos> timestamp_from_text(std::string_view text);
/// With 0, 3, 6 or 9 digits. False: outside of the years 1 to 9999; nothing appended.
bool append_timestamp(SecondsNanos time, std::string& out);

/// "-1.5s": at most nine digits, at most 315576000000 s.
std::optional<SecondsNanos> duration_from_text(std::string_view text);
/// "1h30m", "1.5s", "300ms": what people type into a query. Units h, m, s, ms, us, ns.
std::optional<SecondsNanos> duration_from_units(std::string_view text);
/// With 0, 3, 6 or 9 digits. False: out of range or mixed signs; nothing appended.
bool append_duration(SecondsNanos duration, std::string& out);

/// "fooBar" to "foo_bar". Nothing for texts with blanks or underscores.
std::optional<std::string> mask_path_from_json(std::string_view path);
/// "foo_bar" to "fooBar". Nothing if it would not read back as the same path.
std::optional<std::string> mask_path_to_json(std::string_view path);

}  // namespace brontes::detail
