// Which connections there are, though most of them belong to somebody else by now.
#pragma once

#include <array>
#include <brontes/runtime/listener.hpp>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace brontes::detail {

/// A door does not say when it closes a connection that was handed to it. So the ledger remembers
/// descriptor and inode, and looks whether that descriptor still is that socket: at each connection
/// beyond a limit at a few, when the counts are asked for at all. Thread-safe.
class ConnectionLedger {
 public:
  /// The second limit is per address; 0: none.
  explicit ConnectionLedger(std::size_t limit, std::size_t limit_per_address = 0)
      : limit_(limit), limit_per_address_(limit_per_address) {}

  /// An IP address as IPv6 has it, IPv4 mapped into it.
  using Address = std::array<unsigned char, 16>;
  /// Of this one there may be any number.
  static constexpr Address kNobody{};

  /// One was accepted. False: too many, and it is counted as refused.
  bool admit(const Address& peer);
  /// What the ledger remembers of a connection; taken before it is handed over.
  struct Identity {
    int fd;
    std::uint64_t inode;
    Address peer;
  };
  static Identity identify(int fd, const Address& peer);

  /// An admitted one is about to be handed over; `counter` says to whom.
  void handed(const Identity& identity, std::uint64_t ConnectionCounts::*counter);
  /// It was refused there, and is closed here.
  void not_taken(std::uint64_t ConnectionCounts::*counter);
  /// An admitted one is closed here, and why.
  void dropped(const Address& peer, std::uint64_t ConnectionCounts::*counter);
  /// An admitted one ended by itself.
  void gone(const Address& peer);

  ConnectionCounts counts();

 private:
  // With the mutex held.
  bool has_room();
  bool has_room_for(const Address& peer);
  void look_at(std::size_t count);
  bool is_gone(std::size_t index);
  void leave(const Address& peer);

  const std::size_t limit_, limit_per_address_;
  std::mutex mutex_;
  ConnectionCounts counts_;
  std::size_t undecided_ = 0;
  std::vector<Identity> handed_;
  std::size_t next_ = 0;                  // where look_at goes on
  std::map<Address, std::size_t> peers_;  // open ones; kept only where there is a limit to them
};

}  // namespace brontes::detail
