// A DNS server on a free port of 127.0.0.1, UDP and TCP, that says what a test tells it to.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dns_message.hpp"

namespace brontes::testing {

/// Thread-safe. What it was told nothing about is NXDOMAIN.
class DnsServer {
 public:
  enum class Manner {
    kPlain,
    kSilent,      ///< says nothing at all
    kGarbage,     ///< bytes that are no message, after the right id
    kForged,      ///< another id first, with 10.6.6.6, then the right answer
    kServfail,    ///< SERVFAIL
    kByTcp,       ///< cut off over UDP, whole over TCP
    kNeverWhole,  ///< cut off over UDP, and TCP is closed at once
  };

  DnsServer();
  ~DnsServer();
  DnsServer(const DnsServer&) = delete;

  /// "127.0.0.1:PORT"
  std::string address() const;
  /// `type`: 1 A, 28 AAAA, 33 SRV. Replaces what was there.
  void set(const std::string& name, unsigned type, std::vector<DnsRecord> records,
           Manner manner = Manner::kPlain);
  void clear();
  /// How often it was asked over TCP.
  int tcp_questions() const;

 private:
  struct Entry {
    std::vector<DnsRecord> records;
    Manner manner = Manner::kPlain;
  };
  struct Asked {
    unsigned id = 0;
    std::string name;  ///< lower case
    unsigned type = 0;
  };

  void run();
  void serve_udp();
  void serve_tcp();
  /// Messages, in order; none: silence.
  std::vector<std::string> replies(const Asked& asked, bool tcp);
  static bool read_question(const std::string& message, Asked& asked);

  int udp_ = -1, tcp_ = -1, stop_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, unsigned>, Entry> entries_;
  int tcp_questions_ = 0;
  std::thread thread_;
};

}  // namespace brontes::testing
