// Which connections there are, though most of them belong to somebody else by now.
#pragma once

#include <brontes/runtime/listener.hpp>
#include <cstdint>
#include <mutex>
#include <vector>

namespace brontes::detail {

/// A door does not say when it closes a connection that was handed to it. So the ledger remembers
/// descriptor and inode, and looks whether that descriptor still is that socket: at each connection
/// beyond the limit at a few, when the counts are asked for at all. Thread-safe.
class ConnectionLedger {
 public:
  explicit ConnectionLedger(std::size_t limit) : limit_(limit) {}

  /// One was accepted. False: too many, and it is counted as refused.
  bool admit();
  /// What the ledger remembers of a connection; taken before it is handed over.
  struct Identity {
    int fd;
    std::uint64_t inode;
  };
  static Identity identify(int fd);

  /// An admitted one is about to be handed over; `counter` says to whom.
  void handed(Identity identity, std::uint64_t ConnectionCounts::*counter);
  /// It was refused there, and is closed here.
  void not_taken(std::uint64_t ConnectionCounts::*counter);
  /// An admitted one is closed here, and why.
  void dropped(std::uint64_t ConnectionCounts::*counter);
  /// An admitted one ended by itself.
  void gone();

  ConnectionCounts counts();

 private:
  void look_at(std::size_t count);  // mutex held

  const std::size_t limit_;
  std::mutex mutex_;
  ConnectionCounts counts_;
  std::size_t undecided_ = 0;
  std::vector<Identity> handed_;
  std::size_t next_ = 0;  // where look_at goes on
};

}  // namespace brontes::detail
