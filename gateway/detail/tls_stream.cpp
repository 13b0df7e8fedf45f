#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>
#include <brontes/gateway/detail/certificate_names.hpp>
#include <brontes/gateway/detail/tls_stream.hpp>

#include <cerrno>
#include <climits>
#include <cstring>

namespace brontes::detail {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

int size_of(std::size_t bytes) { return static_cast<int>(std::min<std::size_t>(bytes, INT_MAX)); }

bool is_wait(int why) { return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE; }
bool is_fatal(int why) { return why == SSL_ERROR_SSL || why == SSL_ERROR_SYSCALL; }

// Of the call that has just failed on this thread.
error_code last_error() {
  if (const auto why = ERR_get_error(); why != 0)
    return {static_cast<int>(why), asio::error::get_ssl_category()};
  return asio::error::eof;
}

}  // namespace

// OpenSSL's own BIO of a socket would raise SIGPIPE, and knows of no bytes that were read before.
struct TlsStream::Transport {
  static TlsStream& stream(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* space, int size) {
    TlsStream& self = stream(bio);
    BIO_clear_retry_flags(bio);
    if (const std::size_t left = self.early_.size() - self.early_at_; left > 0) {
      const int count = std::min(size, size_of(left));
      std::memcpy(space, self.early_.data() + self.early_at_, static_cast<std::size_t>(count));
      self.early_at_ += static_cast<std::size_t>(count);
      return count;
    }
    const auto got =
        ::recv(self.socket_.native_handle(), space, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
    return static_cast<int>(got);
  }

  static int write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const auto sent = ::send(stream(bio).socket_.native_handle(), bytes,
                             static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
  }

  static long control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO* open(TlsStream& stream) {
    static BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "brontes socket");
      BIO_meth_set_read(made, &read);
      BIO_meth_set_write(made, &write);
      BIO_meth_set_ctrl(made, &control);
      return made;
    }();
    BIO* const bio = BIO_new(kMethod);
    BIO_set_data(bio, &stream);
    BIO_set_init(bio, 1);
    return bio;
  }
};

TlsStream::TlsStream(tcp::socket& socket, ssl_ctx_st* context)
    : socket_(socket),
      ssl_(SSL_new(context), &SSL_free),
      read_wants_(SSL_ERROR_WANT_READ),
      write_wants_(SSL_ERROR_WANT_WRITE) {
  BIO* const bio = Transport::open(*this);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

TlsStream::~TlsStream() = default;

void TlsStream::post(Done done, error_code error) {
  asio::post(socket_.get_executor(), [done = std::move(done), error] { done(error); });
}

void TlsStream::wait_for(int why, Done again) {
  socket_.async_wait(why == SSL_ERROR_WANT_WRITE ? tcp::socket::wait_write : tcp::socket::wait_read,
                     std::move(again));
}

void TlsStream::handshake(std::string early, Done done) {
  early_ = std::move(early);
  shake(std::move(done));
}

void TlsStream::shake(Done done) {
  ERR_clear_error();
  const int result = SSL_accept(ssl_.get());
  if (result == 1) {
    // Nobody may say more than its hello before it was answered.
    const bool too_much = early_at_ < early_.size();
    early_ = {};
    early_at_ = 0;
    return post(std::move(done), too_much ? asio::error::invalid_argument : error_code());
  }
  const int why = SSL_get_error(ssl_.get(), result);
  if (!is_wait(why)) return post(std::move(done), last_error());
  wait_for(why,
           [this, done = std::move(done)](error_code error) { error ? done(error) : shake(done); });
}

void TlsStream::wait(Done done) {
  // A record that was longer than what took it.
  if (SSL_pending(ssl_.get()) > 0) return post(std::move(done), {});
  wait_for(read_wants_, std::move(done));
}

std::ptrdiff_t TlsStream::take(asio::mutable_buffer space) {
  ERR_clear_error();
  const int got = SSL_read(ssl_.get(), space.data(), size_of(space.size()));
  read_wants_ = SSL_ERROR_WANT_READ;
  if (got > 0) return got;
  const int why = SSL_get_error(ssl_.get(), got);
  broken_ = broken_ || is_fatal(why);
  if (!is_wait(why)) return 0;
  read_wants_ = why;
  return -1;
}

std::size_t TlsStream::write_some(asio::const_buffer bytes, error_code& error) {
  ERR_clear_error();
  error = {};
  const int sent = SSL_write(ssl_.get(), bytes.data(), size_of(bytes.size()));
  write_wants_ = SSL_ERROR_WANT_WRITE;
  amid_record_ = sent <= 0;
  if (sent > 0) return static_cast<std::size_t>(sent);
  const int why = SSL_get_error(ssl_.get(), sent);
  broken_ = broken_ || is_fatal(why);
  error = is_wait(why) ? asio::error::would_block : last_error();
  if (is_wait(why)) write_wants_ = why;
  return 0;
}

void TlsStream::wait_writable(Done done) { wait_for(write_wants_, std::move(done)); }

void TlsStream::say_goodbye(Done done) {
  ERR_clear_error();
  const int result = SSL_shutdown(ssl_.get());
  if (result >= 0) return post(std::move(done), {});  // the peer's own is not waited for
  const int why = SSL_get_error(ssl_.get(), result);
  if (!is_wait(why)) return post(std::move(done), last_error());
  wait_for(why, [this, done = std::move(done)](error_code error) {
    error ? done(error) : say_goodbye(done);
  });
}

void TlsStream::say_goodbye_now() {
  const bool said = (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0;
  if (broken_ || amid_record_ || said || SSL_is_init_finished(ssl_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

PeerIdentity TlsStream::peer_identity() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      SSL_get1_peer_certificate(ssl_.get()), &X509_free);
  if (!certificate || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return {};
  return names_of(*certificate);
}

}  // namespace brontes::detail
