// Who speaks on a new connection, told from its first bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace brontes::detail {

enum class Speaker {
  kUnclear,        ///< read more
  kWantsSettings,  ///< HTTP/2, but the client may wait for our SETTINGS before it says more
  kHttp1,          ///< HTTP/1.x, or nothing we know: the HTTP door answers 400
  kGrpc,           ///< HTTP/2, and the first request is gRPC's
  kOtherHttp2,     ///< HTTP/2, and it is not, or is damaged
  kTls,            ///< a TLS record; see client_hello.hpp
};

struct FirstLook {
  Speaker speaker = Speaker::kUnclear;
  /// Where the client acknowledges SETTINGS of ours, if it has.
  std::optional<std::size_t> settings_ack_at;
  /// Of the first request; 0: none seen.
  std::uint32_t stream = 0;
};

/// A pure function of everything that was read so far.
FirstLook classify(std::string_view bytes);

/// What the classifier may send to a client that waits: a SETTINGS frame without settings; and the
/// answer that must then be taken out of what is handed on.
constexpr std::string_view kEmptySettings{"\0\0\0\4\0\0\0\0\0", 9};
constexpr std::size_t kSettingsAckSize = 9;

}  // namespace brontes::detail
