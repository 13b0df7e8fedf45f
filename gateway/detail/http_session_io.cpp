// The writing and closing half of HttpSession.
#include <utility>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <brontes/gateway/detail/http_session.hpp>

namespace brontes::detail {
namespace {

constexpr Duration kLingerTime = std::chrono::seconds(2);
constexpr std::size_t kLingerBytes = 16 * 1024 * 1024;
constexpr std::size_t kSmallBody = 4 * 1024;
constexpr std::size_t kKeptCapacity = 4 * 1024;  // of what was written, for what comes next

}  // namespace

std::string_view HttpSession::date() const { return http_date(service_.methods.clock().wall()); }

void HttpSession::reply(const HttpReply& reply, Written done) {
  const bool bodiless = reply.status == 204 || reply.status == 304;
  const bool chunked = reply.chunked && !bodiless && !is_http_1_0();
  const Framing framing = bodiless  ? Framing::kNone
                          : chunked ? Framing::kChunked
                                    : Framing::kLength;
  std::string names;
  for (const auto& [name, value] : reply.trailers) names += (names.empty() ? "" : ", ") + name;
  std::string head, body;
  append_head({reply.status, reply.headers, framing, reply.body.size(), keep_alive_,
               chunked ? names : std::string_view(), date(), is_http_1_0()},
              head);
  const bool with_body = !head_only_ && !bodiless;
  if (with_body && chunked) {
    append_chunk(reply.body, body);
    append_last_chunk(reply.trailers, body);
  } else if (with_body && reply.body.size() <= kSmallBody) {
    head += reply.body;
  } else if (with_body) {
    body = reply.body;
  }
  write(std::move(head), std::move(body), std::move(done));
}

void HttpSession::begin_stream(int status, const HttpHeaders& headers) {
  chunked_ = !is_http_1_0();
  if (!chunked_) keep_alive_ = false;
  out_[0].clear();
  append_head(
      {status, headers, chunked_ ? Framing::kChunked : Framing::kClose, 0, keep_alive_, {}, date()},
      out_[0]);
}

void HttpSession::stream(std::string_view item, Written done) {
  std::string text = std::move(out_[0]);  // the head, before the first item
  if (!head_only_) chunked_ ? append_chunk(item, text) : void(text += item);
  write(std::move(text), {}, std::move(done));
}

void HttpSession::end_stream(Written done) {
  std::string text = std::move(out_[0]);
  if (!head_only_ && chunked_) append_last_chunk({}, text);
  write(std::move(text), {}, std::move(done));
}

void HttpSession::write(std::string head, std::string body, Written done) {
  out_[0] = std::move(head);
  out_[1] = std::move(body);
  out_part_ = out_at_ = 0;
  written_ = std::move(done);
  expire_after(write_patience());
  const auto alive = closing_ ? shared_from_this() : nullptr;
  write_more();
  if (alive) close();
}

void HttpSession::write_more() {
  while (out_part_ < 2 && out_at_ == out_[out_part_].size()) {
    ++out_part_;
    out_at_ = 0;
  }
  const auto finish = [this](bool ok) {
    expire_after(Duration::max());
    for (std::string& part : out_) {
      part.clear();
      if (part.capacity() > kKeptCapacity) part.shrink_to_fit();  // an idle peer keeps no reply
    }
    const Written done = std::exchange(written_, nullptr);
    done(ok);
  };
  if (out_part_ == 2) return finish(true);
  const asio::const_buffer rest = asio::buffer(out_[out_part_]) + out_at_;
  boost::system::error_code error;
  const std::size_t sent = write_some(rest, error);
  auto go_on = [self = shared_from_this(), finish](boost::system::error_code failed) {
    failed ? finish(false) : self->write_more();
  };
  if (error != asio::error::would_block) {
    out_at_ += sent;
    expire_after(write_patience());
    return asio::post(io_, [go_on = std::move(go_on), error] { go_on(error); });
  }
  listen();
  tls_ ? tls_->wait_writable(std::move(go_on))
       : socket_.async_wait(asio::ip::tcp::socket::wait_write, std::move(go_on));
}

// What the socket takes at once; would_block if that is nothing.
std::size_t HttpSession::write_some(asio::const_buffer bytes, boost::system::error_code& error) {
  return tls_ ? tls_->write_some(bytes, error) : socket_.write_some(bytes, error);
}

// Closing with unread input resets the connection and may destroy the answer on its way: say that
// nothing more comes, then read what the peer still sends for a while.
void HttpSession::linger() {
  if (closed_ || lingering_) return;
  if (!tls_) return leave_silently();
  lingering_ = true;
  expire_after(kLingerTime);
  tls_->say_goodbye([self = shared_from_this()](boost::system::error_code error) {
    error || self->closed_ ? self->close() : self->shut();
  });
}

void HttpSession::leave_silently() {
  lingering_ = true;
  expire_after(kLingerTime);
  shut();
}

void HttpSession::shut() {
  boost::system::error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  if (error) return close();
  discard(kLingerBytes);
}

void HttpSession::discard(std::size_t budget) {
  buffer_.clear();
  socket_.async_read_some(
      buffer_.prepare(16 * 1024),
      [self = shared_from_this(), budget](boost::system::error_code error, std::size_t n) {
        if (error || n > budget) return self->close();
        self->discard(budget - n);
      });
}

void HttpSession::close() {
  if (std::exchange(closed_, true)) return;
  // Not behind half an answer: its reader would take that for the whole.
  if (tls_ && !busy_ && !written_) tls_->say_goodbye_now();
  hangup_.reset();  // before the socket that it looks at
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  deadline_.cancel();
}

Duration HttpSession::write_patience() const {
  const Duration timeout = service_.options.write_timeout;
  return has_left_ ? std::min(timeout, kLingerTime) : timeout;
}

// One wait at a time: most time-outs never come, and moving the point they would come at is free.
void HttpSession::expire_after(Duration timeout) {
  if (closed_) return;  // a timer would only keep the session
  expiry_ = after(service_.methods.clock(), timeout);
  if (expiry_ == TimePoint::max() || (timer_armed_ && timer_.expiry() <= expiry_)) return;
  arm_timer();
}

void HttpSession::arm_timer() {
  timer_armed_ = true;
  timer_.expires_at(expiry_);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error || self->closed_) return;  // cancelled by a newer wait, or for good
    self->timer_armed_ = false;
    if (self->expiry_ == TimePoint::max()) return;
    if (self->expiry_ <= self->service_.methods.clock().now()) {
      if (self->shaking_hands_) ++self->service_.handshakes_timed_out;
      return self->close();
    }
    self->arm_timer();
  });
}

}  // namespace brontes::detail
