// One accepted connection, until somebody takes it or it is closed.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <brontes/runtime/detail/classify.hpp>
#include <brontes/runtime/detail/connection_ledger.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace brontes::detail {

/// What the connections of a listener share.
struct Reception {
  ListenerOptions options;
  std::shared_ptr<ConnectionLedger> ledger;
};

///   reading --who?--> grpc, http: handed over (TLS: by what the ClientHello offers)
///      |  |`-- HTTP/2, silent --> SETTINGS sent, reading --http2_patience--> grpc
///      |  `--- HTTP/2, not gRPC; plain text for TLS, TLS for plain text
///      |                        --> refused: last words, then reading to the end
///      `------ patience --> closed
///
/// Keeps itself alive through its pending operations. Runs on the listener's thread.
class NewConnection : public std::enable_shared_from_this<NewConnection> {
 public:
  NewConnection(boost::asio::ip::tcp::socket socket, const ConnectionLedger::Address& peer,
                Reception& reception);
  ~NewConnection();

  void start();

 private:
  using Counter = std::uint64_t ConnectionCounts::*;

  void be_patient(Duration patience);
  void read();
  void received(std::size_t count);
  void decide(const FirstLook& look);
  void decide_tls(const FirstLook& look);
  void lost_patience();
  void send_settings();
  void strip_settings_ack(const FirstLook& look);
  void hand_over(const AdoptSocket& taker, Counter counter);
  void refuse(std::string_view last_words);
  void read_to_the_end();
  void close(Counter counter);

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  const ConnectionLedger::Address peer_;
  Reception& reception_;
  std::string bytes_;
  bool settings_sent_ = false, out_of_patience_ = false, settled_ = false;
};

}  // namespace brontes::detail
