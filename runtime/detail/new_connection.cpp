#include <unistd.h>
#include <boost/asio/buffer.hpp>
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

}  // namespace

NewConnection::NewConnection(asio::ip::tcp::socket socket, Reception& reception)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), reception_(reception) {}

NewConnection::~NewConnection() {
  if (!settled_) reception_.ledger->gone();
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
  decide(classify(bytes_));
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
      return close(&ConnectionCounts::unwanted);
    case Speaker::kOtherHttp2:
      return refuse_http2(look.stream);
    case Speaker::kGrpc:
      break;
  }
  // gRPC must not see the acknowledgement of a frame that it did not send.
  if (settings_sent_ && !look.settings_ack_at) return read();
  strip_settings_ack(look);
  hand_over(reception_.options.grpc, &ConnectionCounts::grpc);
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
  reception_.ledger->handed(ConnectionLedger::identify(fd), counter);
  if (taker(fd, std::move(bytes_))) return;
  ::close(fd);
  reception_.ledger->not_taken(counter);
}

void NewConnection::refuse_http2(std::uint32_t stream) {
  const std::string words = http2_refusal(stream, settings_sent_);
  error_code error;
  socket_.write_some(asio::buffer(words), error);
  // Closing with unread bytes would reset the connection and take our words away.
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  settled_ = true;
  reception_.ledger->dropped(&ConnectionCounts::unwanted);
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
  reception_.ledger->dropped(counter);
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace brontes::detail
