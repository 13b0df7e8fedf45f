// The outcome of an operation: a canonical code, a text for people, optional details for programs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace brontes {

/// The canonical codes of gRPC, with the same numbers. When to prefer which:
enum class Errc : std::uint8_t {
  kOk = 0,
  kCancelled = 1,         ///< the caller gave up
  kUnknown = 2,           ///< another system's error that says nothing more precise
  kInvalidArgument = 3,   ///< wrong whatever the state of the system; kFailedPrecondition otherwise
  kDeadlineExceeded = 4,  ///< time ran out; the work may still have happened
  kNotFound = 5,          ///< no such thing
  kAlreadyExists = 6,     ///< the thing to be made is there
  kPermissionDenied = 7,  ///< known caller, not allowed; kUnauthenticated if unknown
  kResourceExhausted = 8,   ///< a limit or quota; retry only after a pause
  kFailedPrecondition = 9,  ///< not in this state; do not retry until the state was changed
  kAborted = 10,            ///< a concurrent change won; retry at a higher level
  kOutOfRange = 11,         ///< past the end; unlike kInvalidArgument it may become valid
  kUnimplemented = 12,      ///< no such method, or not supported here
  kInternal = 13,           ///< an invariant of ours is broken
  kUnavailable = 14,        ///< cannot be reached now; retrying is right
  kDataLoss = 15,           ///< unrecoverable loss or corruption
  kUnauthenticated = 16,    ///< the caller's identity is missing or wrong
};

/// "UNAVAILABLE" and so on, as gRPC writes them; "UNKNOWN" for a number outside the set.
std::string_view to_string(Errc code);

/// The code with that name (as to_string writes it); kUnknown if there is none.
Errc errc_from_name(std::string_view name);

/// A value; default constructed it is OK. The text says what was tried, on what, and what happens
/// next. Not thread-safe, as any value.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Errc code, std::string message, std::string details = {})
      : code_(code), message_(std::move(message)), details_(std::move(details)) {}

  bool ok() const { return code_ == Errc::kOk; }
  Errc code() const { return code_; }
  const std::string& message() const { return message_; }

  /// A serialised google.rpc.Status, or empty: what gRPC sends as `grpc-status-details-bin`.
  const std::string& details() const { return details_; }

  /// "UNAVAILABLE: connect 10.0.0.7:80: refused", or "OK".
  std::string to_string() const;

  friend bool operator==(const Status&, const Status&) = default;
  template <class Stream>  // for std::ostream and whatever tests print with
  requires requires(Stream& out, std::string text) { out << text; }
  friend Stream& operator<<(Stream& out, const Status& status) {
    out << status.to_string();
    return out;
  }

 private:
  Errc code_ = Errc::kOk;
  std::string message_;
  std::string details_;
};

/// A value, or the reason why there is none: `return fail(Errc::kNotFound, "no key a")`.
template <class T>
using Expected = tl::expected<T, Status>;

inline tl::unexpected<Status> fail(Status status) {
  return tl::unexpected<Status>(std::move(status));
}
inline tl::unexpected<Status> fail(Errc code, std::string message) {
  return fail(Status(code, std::move(message)));
}

}  // namespace brontes
