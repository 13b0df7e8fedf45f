// From the head of a request to who answers it: a route of one's own, a method, or an error.
#include <utility>

#include <algorithm>
#include <brontes/actors/log.hpp>
#include <brontes/gateway/detail/http_call.hpp>
#include <brontes/gateway/detail/http_error.hpp>
#include <brontes/gateway/detail/http_host.hpp>
#include <brontes/gateway/detail/http_metadata.hpp>
#include <brontes/gateway/detail/http_session.hpp>
#include <optional>
#include <set>

namespace brontes::detail {
namespace {

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

// Of the target: "/a?b" or "http://host/a?b".
struct Target {
  std::string path, query;
  std::string authority = {};  ///< "" in the first form; else it is what counts, and not Host
};

std::optional<Target> target_of(const RawRequest& request) {
  std::string_view text = view(request.target());
  std::string_view authority;
  for (const std::string_view scheme : {"http://", "https://"}) {
    const std::string start(view(request.target()).substr(0, scheme.size()));
    if (!boost::beast::iequals(start, std::string(scheme))) continue;
    text.remove_prefix(scheme.size());
    authority = text.substr(0, text.find_first_of("/?#"));
    if (!is_host(authority)) return {};
    text.remove_prefix(authority.size());
  }
  text = text.substr(0, text.find('#'));
  const auto mark = std::min(text.find('?'), text.size());
  Target target{std::string(text.substr(0, mark)),
                std::string(text.substr(std::min(mark + 1, text.size()))), std::string(authority)};
  if (!target.path.starts_with('/')) return {};
  return target;
}

void refuse(HttpSession& session, const Status& status, int http_code = 0,
            std::pair<std::string, std::string> header = {}) {
  HttpReply reply = error_reply(status, session.service().options.json, http_code);
  if (!header.first.empty()) reply.headers.push_back(std::move(header));
  session.reply(reply, [&session](bool ok) { session.call_ended(ok); });
}

// A second one would let two readers of the reply disagree about where it ends.
bool is_doors_own(const std::string& name) {
  static constexpr const char* kNames[] = {"connection", "content-length", "date",
                                           "transfer-encoding"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](const char* own) { return boost::beast::iequals(name, own); });
}

HttpResponse run_custom(const CustomRoute& route, const HttpRequest& request) {
  try {
    HttpResponse response = route.handler(request);
    std::erase_if(response.headers, [](const auto& field) { return is_doors_own(field.first); });
    if (response.status >= 200 && response.status <= 599) return response;
    log_error("gateway.http", "custom route failed method={} template={} cause=\"status {}\"",
              route.method, route.path.to_string(), response.status);
  } catch (const std::exception& e) {
    log_error("gateway.http", "custom route failed method={} template={} cause=\"{}\"",
              route.method, route.path.to_string(), e.what());
  } catch (...) {
    log_error("gateway.http", "custom route failed method={} template={}", route.method,
              route.path.to_string());
  }
  return HttpResponse::json(R"({"code":13,"message":"internal error","details":[]})", 500);
}

using Methods = std::set<std::string>;

// True: answered. Otherwise `others` are the methods that routes of one's own have for this path.
bool answer_custom(HttpSession& session, const RawRequest& raw, const Target& target,
                   Methods& others) {
  if (session.service().custom.empty()) return false;
  auto decoded = percent_decode(target.path);
  if (!decoded) return false;
  const SplitPath split(*decoded);
  for (const CustomRoute& route : session.service().custom) {
    HttpRequest request;
    if (!route.path.match(split, PathDecoding::kWhole, request.variables)) continue;
    if (route.method != view(raw.method_string()) && route.method != "*") {
      others.insert(route.method);
      continue;
    }
    request.method = view(raw.method_string());
    request.path = *decoded;
    request.query = target.query;
    for (const auto& field : raw)
      request.headers.emplace_back(view(field.name_string()), view(field.value()));
    request.body = raw.body();
    request.peer = session.peer();
    request.peer_identity = *session.peer_identity();
    HttpResponse response = run_custom(route, request);
    session.reply(
        {response.status, std::move(response.headers), std::move(response.body), {}, false},
        [&session](bool ok) { session.call_ended(ok); });
    return true;
  }
  return false;
}

std::string method_of(const RawRequest& raw, bool exact_form, const HttpDoorOptions& options) {
  std::string method(view(raw.method_string()));
  const std::string_view override = header(raw, "x-http-method-override");
  if (!exact_form || method != "POST" || override.empty() || !options.method_override)
    return method;
  method = override;
  std::transform(method.begin(), method.end(), method.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return method;
}

void refuse_method(HttpSession& session, const Methods& allowed) {
  const int code = session.service().options.wrong_method_status;
  std::string allow;
  for (const std::string& method : allowed) allow += (allow.empty() ? "" : ", ") + method;
  refuse(session, {Errc::kUnimplemented, "Method Not Allowed"}, code,
         code == 405 ? std::pair<std::string, std::string>("Allow", allow)
                     : std::pair<std::string, std::string>());
}

// The route, or the error that was answered already.
std::optional<RouteTable::Match> route_of(HttpSession& session, const RawRequest& raw,
                                          const Target& target, Methods others) {
  const HttpDoorOptions& options = session.service().options;
  const auto table = session.service().routes->get();
  const bool exact_form = header(raw, "content-type") == kForm;
  const std::string method = method_of(raw, exact_form, options);
  auto match = table->find(method, target.path);
  if (match && !match->route && method == "POST" && exact_form && options.form_as_get)
    if (auto get = table->find("GET", target.path); get && get->route) match = std::move(get);
  if (match && match->route) return std::move(*match);
  if (!match) {
    refuse(session, match.error());
  } else if (!match->other_method && others.empty()) {
    refuse(session, {Errc::kNotFound, "Not Found"});
  } else {
    for (std::string& other : table->allowed(target.path)) others.insert(std::move(other));
    refuse_method(session, others);
  }
  return {};
}

Expected<TimePoint> deadline_of(const RawRequest& raw, const HttpService& service) {
  const std::string_view text = header(raw, "grpc-timeout");
  if (text.empty()) return after(service.methods.clock(), service.options.default_deadline);
  const auto timeout = timeout_from_text(text);
  if (!timeout) return fail(timeout.error());
  return after(service.methods.clock(), *timeout);
}

// gRPC itself, not gRPC-Web: a client whose TLS offers HTTP/1.1 beside h2 ends up here.
bool is_grpc(const RawRequest& raw) {
  const std::string_view type = header(raw, "content-type");
  return type == "application/grpc" || type.starts_with("application/grpc+") ||
         type.starts_with("application/grpc;");
}

bool reads_form(const RawRequest& raw, const Route& route) {
  const std::string_view type = header(raw, "content-type");
  const auto verb = raw.method();
  return route.rule.body.empty() && type.substr(0, type.find(';')) == kForm &&
         (verb == http::verb::post || verb == http::verb::put || verb == http::verb::patch);
}

}  // namespace

HttpCall* answer(HttpSession& session, RawRequest&& raw) {
  auto target = target_of(raw);
  if (!target) {
    refuse(session, {Errc::kInvalidArgument, "Bad Request"});
    return nullptr;
  }
  if (!target->authority.empty()) raw.set(http::field::host, target->authority);
  Methods others;
  if (answer_custom(session, raw, *target, others)) return nullptr;
  if (is_grpc(raw)) {
    refuse(session,
           {Errc::kInvalidArgument, "gRPC needs HTTP/2; over TLS offer h2 without http/1.1 (ALPN)"},
           505);
    return nullptr;
  }
  auto match = route_of(session, raw, *target, std::move(others));
  if (!match) return nullptr;
  const auto deadline = deadline_of(raw, session.service());
  const Status metadata = check_metadata(raw);
  if (!deadline || !metadata.ok()) {
    refuse(session, deadline ? metadata : deadline.error());
    return nullptr;
  }
  RoutedRequest request{std::move(raw), std::move(target->query), false, std::move(*match)};
  request.form = reads_form(request.raw, *request.match.route);
  return new HttpCall(std::move(request), *deadline, session.shared_from_this());
}

}  // namespace brontes::detail
