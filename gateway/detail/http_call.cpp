#include <utility>

#include <google/protobuf/descriptor.h>

#include <brontes/gateway/detail/field_slot.hpp>
#include <brontes/gateway/detail/http_call.hpp>
#include <brontes/gateway/detail/http_error.hpp>
#include <brontes/gateway/detail/http_metadata.hpp>
#include <brontes/gateway/detail/http_session.hpp>
#include <brontes/gateway/detail/json_split.hpp>
#include <brontes/gateway/json_reader.hpp>
#include <brontes/gateway/json_writer.hpp>

namespace brontes::detail {
namespace {

constexpr std::string_view kJson = "application/json";

// The message that a reply sends raw, if it is one of google.api.HttpBody.
const Message* http_body(const Message& message, const FieldDescriptor* field) {
  if (!field) return is_http_body(*message.GetDescriptor()) ? &message : nullptr;
  if (field->is_repeated() || !field->message_type() || !is_http_body(*field->message_type()))
    return nullptr;
  return &message.GetReflection()->GetMessage(message, field);
}

std::string text_field(const Message& message, int number) {
  return message.GetReflection()->GetString(message,
                                            message.GetDescriptor()->FindFieldByNumber(number));
}

const Status kStops{Errc::kUnavailable, "the server stops"};

bool wants_trailers(const RawRequest& request) {
  return http::token_list(request[http::field::te]).exists("trailers");
}

}  // namespace

HttpCall::HttpCall(RoutedRequest request, TimePoint deadline, std::shared_ptr<HttpSession> session)
    : Call(*request.match.route->method, session->service().methods, deadline),
      request_in_(std::move(request)),
      session_(std::move(session)),
      peer_address_(session_->peer_address()),
      peer_(session_->peer()),
      peer_identity_(session_->peer_identity()),
      json_(session_->service().options.json) {}

void HttpCall::expire() {
  cancel();
  finish({Errc::kDeadlineExceeded, "the deadline passed while the call ran"});
}

// The handler learns it first, as of any cancel. Whatever it says then, the caller may try again.
void HttpCall::cut_off() {
  cut_off_ = true;
  cancel();
  finish(kStops);
}

std::string HttpCall::door_metadata(std::string_view key) const {
  return metadata_of(request_in_.raw, peer_address_, key);
}

std::vector<std::pair<std::string, std::string>> HttpCall::door_all_metadata() const {
  return metadata_of(request_in_.raw, peer_address_);
}

void HttpCall::door_header(const std::string& key, const std::string& value) {
  const std::lock_guard lock(answer_mutex_);
  headers_.push_back(header_of(key, value));
}

void HttpCall::door_trailer(const std::string& key, const std::string& value) {
  const std::lock_guard lock(answer_mutex_);
  trailers_.push_back(trailer_of(key, value));
}

Status HttpCall::door_parse(Message& request) {
  Status status = bind_request(request_in_, json_, request);
  admitted_ = status.ok();
  return status;
}

// The whole body is here: its values are handed out as they are asked for, never inside of the
// question, or a long body would be a deep recursion.
void HttpCall::door_read() {
  std::shared_ptr<HttpSession> session;
  {
    const std::lock_guard lock(answer_mutex_);
    session = session_;  // a deadline may end the call on the session's thread right now
  }
  if (session) session->post([this, alive = pointer()] { next_message(); });
}

void HttpCall::door_closed() {
  const std::lock_guard lock(answer_mutex_);
  session_.reset();
}

void HttpCall::next_message() {
  if (finished()) return;
  const std::string_view rest = std::string_view(request_in_.raw.body()).substr(consumed_);
  std::size_t used = 0;
  const std::string_view value = next_json_value(rest, used);
  consumed_ += used;
  if (value.empty()) return emit(Event{Event::Type::kHalfClosed, 0, {}});
  std::shared_ptr<Message> message(method().request->New());
  if (Status status = read_json(value, json_, *message); !status.ok()) {
    finish({status.code(), "request body: " + status.message()});
    return cancel();  // after the answer: whoever works for this call may stop
  }
  emit(Event{Event::Type::kMessage, 0, std::move(message)});
}

Status HttpCall::print(const Message& message, std::string& body, std::string& type) const {
  const FieldDescriptor* field = route().response_body;
  if (const Message* raw = http_body(message, field)) {
    body += text_field(*raw, 2);
    type = text_field(*raw, 1);
    return {};
  }
  return field ? write_json_field(message, *field, json_, body) : write_json(message, json_, body);
}

HttpHeaders HttpCall::headers_for(std::string_view content_type) {
  const std::lock_guard lock(answer_mutex_);
  HttpHeaders headers = headers_;
  if (!content_type.empty()) headers.emplace(headers.begin(), "Content-Type", content_type);
  return headers;
}

// One item; the message is not touched once this has returned.
void HttpCall::door_write(const Message& reply) {
  std::string item, type(kJson);
  const bool raw = http_body(reply, route().response_body) != nullptr;
  if (!raw) item = "{\"result\":";
  const Status printed = print(reply, item, type);
  if (!raw) item += "}\n";
  session_->run([this, printed, item = std::move(item), type = std::move(type)] {
    if (!printed.ok()) {
      finish(printed);
      cancel();
      return written(false);
    }
    if (!std::exchange(streaming_, true)) session_->begin_stream(200, headers_for(type));
    session_->stream(item, [this](bool ok) {
      if (!ok) cancel();
      written(ok);
    });
  });
}

HttpReply HttpCall::reply_for(const Status& status) {
  HttpReply reply;
  std::string type(kJson);
  Status printed = status;
  if (status.ok()) printed = print(*reply_message(), reply.body, type);
  if (printed.ok()) {
    reply.headers = headers_for(type);
  } else {
    reply = error_reply(printed, json_);
    for (auto& header : headers_for({})) reply.headers.push_back(std::move(header));
  }
  const std::lock_guard lock(answer_mutex_);
  if (!trailers_.empty() && wants_trailers(request_in_.raw)) {
    reply.chunked = true;
    reply.trailers = trailers_;
  }
  return reply;
}

void HttpCall::door_finish(const Status& said) {
  const Status& status = cut_off_ && !said.ok() ? kStops : said;
  if (!has_one_reply(method().kind))
    return session_->run([this, status] { finish_stream(status); });
  session_->run(
      [this, reply = reply_for(status)] { session_->reply(reply, [this](bool ok) { end(ok); }); });
}

// After the first item the status line has gone: an error is one more line.
void HttpCall::finish_stream(const Status& status) {
  const auto done = [this](bool ok) { end(ok); };
  if (!streaming_ && !status.ok()) {
    HttpReply reply = error_reply(status, json_);
    if (admitted_) reply.body = "{\"error\":" + reply.body + "}\n";
    for (auto& header : headers_for({})) reply.headers.push_back(std::move(header));
    return session_->reply(reply, done);
  }
  if (!std::exchange(streaming_, true)) session_->begin_stream(200, headers_for(kJson));
  if (status.ok()) return session_->end_stream(done);
  std::string item = "{\"error\":";
  append_error(status, json_, item);
  item += "}\n";
  session_->stream(item, [this, done](bool ok) { ok ? session_->end_stream(done) : done(false); });
}

void HttpCall::end(bool ok) {
  const auto session = session_;  // complete() may delete this
  complete(ok && !cancelled());
  session->call_ended(ok);
}

}  // namespace brontes::detail
