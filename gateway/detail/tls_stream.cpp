#include <utility>

#include <openssl/ssl.h>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <brontes/gateway/detail/certificate_names.hpp>
#include <brontes/gateway/detail/tls_stream.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace brontes::detail {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kAhead = 8 * 1024;

// Asio's wrapper owns what it wraps.
asio::ssl::context wrap(ssl_ctx_st* context) {
  SSL_CTX_up_ref(context);
  return asio::ssl::context(context);
}

}  // namespace

// TLS cannot tell that something has come without reading it. So wait() reads ahead, and whoever
// reads next gets that first.
struct TlsStream::State : std::enable_shared_from_this<State> {
  State(tcp::socket& socket, asio::ssl::context context)
      : socket(socket), stream(socket, context) {}

  std::size_t hand_out(asio::mutable_buffer space) {
    const std::size_t size = std::min(space.size(), ahead_end - ahead_at);
    asio::buffer_copy(space, asio::buffer(ahead.data() + ahead_at, size));
    ahead_at += size;
    return size;
  }
  bool has_ahead() const { return ahead_at < ahead_end || ahead_error; }

  void read_ahead() {
    reading_ahead = true;
    ahead.resize(kAhead);
    stream.async_read_some(asio::buffer(ahead),
                           [self = shared_from_this()](error_code error, std::size_t count) {
                             self->came_ahead(error, count);
                           });
  }
  void came_ahead(error_code error, std::size_t count) {
    reading_ahead = false;
    ahead_at = 0;
    ahead_end = count;
    ahead_error = error;
    if (const Done done = std::exchange(waiter, nullptr)) done({});
    if (const Transferred done = std::exchange(reader, nullptr)) done(ahead_error, hand_out(space));
  }

  tcp::socket& socket;
  asio::ssl::stream<tcp::socket&> stream;
  std::string early;
  std::vector<char> ahead;
  std::size_t ahead_at = 0, ahead_end = 0;
  error_code ahead_error;
  bool reading_ahead = false;
  Done waiter;
  Transferred reader;  // came while ahead was being read
  asio::mutable_buffer space;
};

TlsStream::TlsStream(tcp::socket& socket, ssl_ctx_st* context)
    : state_(std::make_shared<State>(socket, wrap(context))) {}

TlsStream::~TlsStream() = default;

void TlsStream::handshake(std::string early, Done done) {
  state_->early = std::move(early);
  state_->stream.async_handshake(
      asio::ssl::stream_base::server, asio::buffer(state_->early),
      [state = state_, done = std::move(done)](error_code error, std::size_t used) {
        // Nobody may say more than its hello before it was answered.
        if (!error && used < state->early.size()) error = asio::error::invalid_argument;
        state->early.clear();
        done(error);
      });
}

void TlsStream::read_some(asio::mutable_buffer space, Transferred done) {
  if (state_->reading_ahead) {
    state_->space = space;
    state_->reader = std::move(done);
    return;
  }
  if (!state_->has_ahead()) return state_->stream.async_read_some(space, std::move(done));
  const std::size_t size = state_->hand_out(space);
  asio::post(state_->socket.get_executor(), [error = size > 0 ? error_code() : state_->ahead_error,
                                             size, done = std::move(done)] { done(error, size); });
}

void TlsStream::write_some(asio::const_buffer bytes, Transferred done) {
  state_->stream.async_write_some(bytes, std::move(done));
}

bool TlsStream::write_now(std::string_view bytes) {
  error_code error;
  return state_->stream.write_some(asio::buffer(bytes), error) == bytes.size() && !error;
}

void TlsStream::wait(Done done) {
  if (state_->has_ahead())
    return asio::post(state_->socket.get_executor(),
                      [done = std::move(done)] { done(error_code()); });
  state_->waiter = std::move(done);
  if (!state_->reading_ahead) state_->read_ahead();
}

std::ptrdiff_t TlsStream::take(asio::mutable_buffer space) {
  if (const std::size_t size = state_->hand_out(space); size > 0)
    return static_cast<std::ptrdiff_t>(size);
  return state_->ahead_error ? 0 : -1;
}

void TlsStream::say_goodbye(Done done) {
  // As if the peer had said it already: OpenSSL would wait for its word, which may never come, and
  // take what it still sends for a mistake.
  SSL_set_shutdown(state_->stream.native_handle(), SSL_RECEIVED_SHUTDOWN);
  error_code ignored;
  state_->socket.cancel(ignored);  // what was being read ahead
  state_->stream.async_shutdown([state = state_, done = std::move(done)](error_code error) {
    done(error == asio::error::eof ? error_code() : error);
  });
}

PeerIdentity TlsStream::peer_identity() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get1_peer_certificate(state_->stream.native_handle()), &X509_free);
  if (!certificate || SSL_get_verify_result(state_->stream.native_handle()) != X509_V_OK) return {};
  return names_of(*certificate);
}

}  // namespace brontes::detail
