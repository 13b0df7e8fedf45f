#include "request_form.hpp"

#include <algorithm>
#include <set>

namespace brontes::registry {
namespace {

constexpr int kTxnOperations = 128;

using Operations = google::protobuf::RepeatedPtrField<api::RequestOp>;

Status check_operation(const api::RequestOp& operation) {
  switch (operation.request_case()) {
    case api::RequestOp::kRequestRange:
      return operation.request_range().key().empty() ? no_key() : Status();
    case api::RequestOp::kRequestPut:
      return check_form(operation.request_put());
    case api::RequestOp::kRequestDeleteRange:
      return operation.request_delete_range().key().empty() ? no_key() : Status();
    case api::RequestOp::kRequestTxn:
      return {Errc::kUnimplemented, "brontes registry: a txn inside of a txn is not served"};
    default:
      return {Errc::kInvalidArgument, "etcdserver: key not found"};
  }
}

/// No key may be put twice, or be put and removed.
Status check_keys(const Operations& operations) {
  const Status twice{Errc::kInvalidArgument, "etcdserver: duplicate key given in txn request"};
  std::set<std::string> puts;
  for (const api::RequestOp& operation : operations)
    if (operation.has_request_put() && !puts.insert(operation.request_put().key()).second)
      return twice;
  for (const api::RequestOp& operation : operations) {
    if (!operation.has_request_delete_range()) continue;
    const auto& gone = operation.request_delete_range();
    const KeySpan span = key_span(gone.key(), gone.range_end());
    if (std::any_of(puts.begin(), puts.end(), [&](const auto& key) { return span.holds(key); }))
      return twice;
  }
  return {};
}

}  // namespace

KeySpan key_span(const std::string& key, const std::string& range_end) {
  if (range_end == std::string(1, '\0')) return {key, "", true};
  return {key, range_end, false};
}

Status no_key() { return {Errc::kInvalidArgument, "etcdserver: key is not provided"}; }

Status check_form(const api::PutRequest& request) {
  if (request.key().empty()) return no_key();
  if (request.ignore_value() && !request.value().empty())
    return {Errc::kInvalidArgument, "etcdserver: value is provided"};
  if (request.ignore_lease() && request.lease() != 0)
    return {Errc::kInvalidArgument, "etcdserver: lease is provided"};
  return {};
}

Status check_form(const api::TxnRequest& request) {
  if (request.compare_size() > kTxnOperations || request.success_size() > kTxnOperations ||
      request.failure_size() > kTxnOperations)
    return {Errc::kInvalidArgument, "etcdserver: too many operations in txn request"};
  for (const api::Compare& compare : request.compare())
    if (compare.key().empty()) return no_key();
  for (const auto* operations : {&request.success(), &request.failure()})
    for (const api::RequestOp& operation : *operations)
      if (Status status = check_operation(operation); !status.ok()) return status;
  for (const auto* operations : {&request.success(), &request.failure()})
    if (Status status = check_keys(*operations); !status.ok()) return status;
  return {};
}

}  // namespace brontes::registry
