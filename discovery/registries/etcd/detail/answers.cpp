#include <brontes/discovery/registries/etcd/detail/answers.hpp>

namespace brontes::etcd {
namespace {

bool says(const Status& answer, std::string_view text) {
  return answer.message().find(text) != std::string::npos;
}

}  // namespace

bool is_connection_lost(const Status& answer) {
  return answer.code() == Errc::kDeadlineExceeded ||  // nothing was heard
         (is_worth_another_member(answer) && !says(answer, "etcdserver:"));
}

bool is_worth_another_member(const Status& answer) {
  // gRPC's words for an answer of HTTP alone: whatever stands there, it is no etcd.
  if (says(answer, "Received http2 header with status")) return true;
  switch (answer.code()) {
    case Errc::kUnavailable:  // no connection; "no leader", "leader changed", "request timed out"
    case Errc::kDeadlineExceeded:
    case Errc::kCancelled:  // by the server's end of the connection: not by us
    case Errc::kInternal:
    case Errc::kUnknown:
    case Errc::kDataLoss:
    case Errc::kUnimplemented:  // another gRPC server
      return true;
    default:
      return false;
  }
}

bool is_leaderless(const Status& answer) { return says(answer, "etcdserver: no leader"); }

bool is_token_refused(const Status& answer) {
  return says(answer, "invalid auth token") ||      // kUnauthenticated
         says(answer, "revision of auth store") ||  // kInvalidArgument, as all that follow
         says(answer, "user name is empty");        // there was none: auth was off before
}

bool is_auth_off(const Status& answer) { return says(answer, "authentication is not enabled"); }

Status status_of_reason(const std::string& reason) {
  const Status text(Errc::kUnavailable, reason.empty() ? "the watch was cancelled" : reason);
  if (is_token_refused(text)) return {Errc::kUnauthenticated, reason};
  if (says(text, "permission denied")) return {Errc::kPermissionDenied, reason};
  return text;
}

}  // namespace brontes::etcd
