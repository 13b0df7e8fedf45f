#include <unistd.h>
#include <boost/asio/buffer.hpp>
#include <brontes/runtime/detail/client_hello.hpp>
#include <brontes/runtime/detail/http2_refusal.hpp>
#include <brontes/runtime/detail/new_connection.hpp>

#include <utility>

namespace asio = boost::asio;
using boost::system::error_code;

namespace brontes::detail {
namespace {

constexpr std::size_t kChunk = 4 * 1024;
// More than any client says before its first request: nghttp2 and browsers need less than 1 KB.
constexpr std::size_t kMostBytes = 128 * 1024;

/// A TLS alert: fatal, handshake_failure.
constexpr std::string_view kHandshakeFailure{"\x15\x03\x01\x00\x02\x02\x28", 7};
constexpr std::string_view kThisIsTls =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 32\r\n"
    "Connection: close\r\n\r\nThis port speaks TLS: use https\n";

}  // namespace

NewConnection::NewConnection(asio::ip::tcp::socket socket, const ConnectionLedger::Address& peer,
                             Reception& reception)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      peer_(peer),
      reception_(reception) {}

NewConnection::~NewConnection() {
  if (!settled_) reception_.ledger->gone(peer_);
}

void NewConnection::start() {
  const ListenerOptions& options = reception_.options;
  // With one door there is nothing to find out.
  if (!options.grpc) return hand_over(options.http, &ConnectionCounts::http);
  if (!options.http) return hand_over(options.grpc, &ConnectionCounts::grpc);
  be_patient(options.patience);
  read();
}

void NewConnection::be_patient(Duration patience) {
  timer_.expires_after(patience);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (error) return;
    self->out_of_patience_ = true;
    self->socket_.cancel(error);  // the pending read goes on from there
  });
}

void NewConnection::read() {
  const std::size_t had = bytes_.size();
  bytes_.resize(had + kChunk);
  socket_.async_read_some(asio::buffer(bytes_.data() + had, kChunk),
                          [self = shared_from_this(), had](error_code error, std::size_t count) {
                            self->bytes_.resize(had + count);
                            if (!error) return self->received(count);
                            if (self->out_of_patience_) return self->lost_patience();
                            self->timer_.cancel();
                          });
}

void NewConnection::received(std::size_t) {
  if (bytes_.size() > kMostBytes) return close(&ConnectionCounts::unwanted);
  const FirstLook look = classify(bytes_);
  reception_.options.tls ? decide_tls(look) : decide(look);
}

void NewConnection::decide(const FirstLook& look) {
  switch (look.speaker) {
    case Speaker::kUnclear:
      return read();
    case Speaker::kWantsSettings:
      return send_settings();
    case Speaker::kHttp1:
      return hand_over(reception_.options.http, &ConnectionCounts::http);
    case Speaker::kTls:
      return refuse(kHandshakeFailure);
    case Speaker::kOtherHttp2:
      return refuse(http2_refusal(look.stream, settings_sent_));
    case Speaker::kGrpc:
      break;
  }
  // gRPC must not see the acknowledgement of a frame that it did not send.
  if (settings_sent_ && !look.settings_ack_at) return read();
  strip_settings_ack(look);
  hand_over(reception_.options.grpc, &ConnectionCounts::grpc);
}

// Clients of gRPC offer h2 alone, some with grpc-exp. Who offers HTTP/1.1 as well gets that: curl,
// browsers and the HTTP clients of most languages do, and h2 is no use to them here.
void NewConnection::decide_tls(const FirstLook& look) {
  if (look.speaker == Speaker::kHttp1) return refuse(kThisIsTls);
  if (look.speaker != Speaker::kTls) return look.speaker == Speaker::kUnclear ? read() : refuse({});
  const ClientHello hello = parse_client_hello(bytes_);
  if (hello.state == ClientHello::State::kNeedMore) return read();
  if (hello.state == ClientHello::State::kMalformed) return refuse(kHandshakeFailure);
  if (hello.offers("grpc-exp") || (hello.offers("h2") && !hello.offers("http/1.1")))
    return hand_over(reception_.options.grpc, &ConnectionCounts::grpc);
  hand_over(reception_.options.http, &ConnectionCounts::http);
}

void NewConnection::lost_patience() {
  const FirstLook look = classify(bytes_);
  if (!settings_sent_) return close(&ConnectionCounts::timed_out);
  strip_settings_ack(look);
  hand_over(reception_.options.grpc, &ConnectionCounts::grpc);
}

void NewConnection::strip_settings_ack(const FirstLook& look) {
  if (settings_sent_ && look.settings_ack_at) bytes_.erase(*look.settings_ack_at, kSettingsAckSize);
}

void NewConnection::send_settings() {
  if (!std::exchange(settings_sent_, true)) {
    be_patient(reception_.options.http2_patience);
    error_code error;
    socket_.write_some(asio::buffer(kEmptySettings), error);  // an empty send buffer takes 9 bytes
    if (error) return close(&ConnectionCounts::unwanted);
  }
  read();
}

void NewConnection::hand_over(const AdoptSocket& taker, Counter counter) {
  timer_.cancel();
  if (!taker) return close(&ConnectionCounts::unwanted);
  error_code error;
  const int fd = socket_.release(error);
  if (error) return close(&ConnectionCounts::unwanted);
  // Counted first: the peer may have its answer before the taker returns.
  settled_ = true;
  reception_.ledger->handed(ConnectionLedger::identify(fd, peer_), counter);
  if (taker(fd, std::move(bytes_))) return;
  ::close(fd);
  reception_.ledger->not_taken(counter);
}

void NewConnection::refuse(std::string_view last_words) {
  // Counted first: the peer may look at once.
  settled_ = true;
  reception_.ledger->dropped(peer_, &ConnectionCounts::unwanted);
  error_code error;
  socket_.write_some(asio::buffer(last_words), error);
  // Closing with unread bytes would reset the connection and take our words away.
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  be_patient(reception_.options.http2_patience);
  read_to_the_end();
}

void NewConnection::read_to_the_end() {
  bytes_.resize(kChunk);
  socket_.async_read_some(asio::buffer(bytes_),
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (!error) return self->read_to_the_end();
                            self->timer_.cancel();
                          });
}

void NewConnection::close(Counter counter) {
  timer_.cancel();
  settled_ = true;
  reception_.ledger->dropped(peer_, counter);
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace brontes::detail
