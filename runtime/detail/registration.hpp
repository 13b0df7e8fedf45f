// A node's own record: probed, announced, drained, withdrawn.
#pragma once

#include <brontes/discovery/channel/client_call.hpp>
#include <brontes/discovery/discovery.hpp>
#include <brontes/runtime/lifecycle.hpp>
#include <brontes/runtime/settings.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace brontes::detail {

/// Whether a record can be made of them; before anything is bound.
Status check_record(const Settings& settings);

/// The call of a probe, while it runs: whoever holds a call holds its connection. Thread-safe.
class RunningProbe {
 public:
  void hold(ClientCall<std::string> call);
  /// Lets go of it; nothing if there is none.
  std::optional<ClientCall<std::string>> take();

 private:
  std::mutex mutex_;
  std::optional<ClientCall<std::string>> call_;
};

/// Thread-safe. The discovery outlives it.
class Registration {
 public:
  /// `port` is the one that was bound.
  Registration(Discovery& discovery, const Settings& settings, std::uint16_t port);

  /// What others dial; kInvalidArgument when there is no such address.
  const Expected<std::string>& address() const { return address_; }

  /// Asks the advertised address whether it serves; then closes the connection.
  void probe(PhaseEnd end);
  /// Ends when the registry has the record; without a name at once.
  void announce(PhaseEnd end);
  void drain(Duration limit, PhaseEnd end);
  /// Breaks a probe off, too: it holds a channel, and a system does not end before its channels.
  void withdraw(Duration limit, PhaseEnd end);
  void abandon();

 private:
  Discovery& discovery_;
  const Settings& settings_;
  const Expected<std::string> address_;
  const std::shared_ptr<RunningProbe> probe_ = std::make_shared<RunningProbe>();
  std::mutex mutex_;
  std::optional<Announcement> announcement_;
};

}  // namespace brontes::detail
