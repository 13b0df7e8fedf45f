// A call to an adopted service: a Call for the chain, gRPC's own handler for the answer.
//
// The handler is given a grpc::internal::Call whose hook is this object, so that every batch passes
// here before it is sent: the one with the status ends the Call. To refuse, no user code is run and
// the status of that batch is replaced. A stream that the chain refuses later reads as if it had
// ended; what its handler answers is replaced, and what it sends instead of an answer cuts it off.
#pragma once

#include <grpc/grpc.h>
#include <grpcpp/impl/call.h>
#include <grpcpp/impl/call_hook.h>
#include <grpcpp/server_context.h>
#include <brontes/actors/call/call.hpp>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/runtime/grpc/detail/adoption.hpp>
#include <brontes/runtime/grpc/detail/door_scope.hpp>
#include <brontes/runtime/grpc/detail/grpc_context.hpp>
#include <brontes/runtime/grpc/detail/grpc_privates.hpp>
#include <brontes/runtime/grpc/detail/reaction_guard.hpp>
#include <brontes/runtime/grpc/detail/sync_reads.hpp>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes::detail {

/// Deletes itself when gRPC and the last handle have let go.
class AdoptedCall final : public Call,
                          public grpc::internal::CallHook,
                          public ReactionWatch,
                          public ReadWatch {
 public:
  using Parameter = grpc::internal::MethodHandler::HandlerParameter;

  /// `method` is a row that admits (below), not the one of the table. Table and scope outlive it.
  AdoptedCall(const Method& method, const MethodTable& table, DoorScope& scope,
              const Parameter& parameter);

  /// The chain, then the handler. Blocks for a sync one. The object may be gone when it returns.
  void serve(const StockMethod& stock, const Parameter& parameter);

  /// For the row: the chain has let the call through; or it is cancelled from our side.
  static void on_event(const CallPtr& call, const Event& event);

 protected:
  std::string door_metadata(std::string_view key) const override;
  std::vector<std::pair<std::string, std::string>> door_all_metadata() const override;
  std::string door_peer() const override { return peer_; }
  PeerIdentity door_peer_identity() const override { return identity_of_peer(raw_); }
  void door_header(const std::string& key, const std::string& value) override;
  void door_trailer(const std::string& key, const std::string& value) override;
  Status door_parse(Message& request) override;
  void door_send_headers() override {}
  void door_read() override {}
  void door_write(const Message& reply) override;
  void door_finish(const Status& status) override { verdict_ = status; }

 private:
  ~AdoptedCall() override;

  void PerformOpsOnCall(grpc::internal::CallOpSetInterface* batch,
                        grpc::internal::Call* call) override;
  void method_threw(std::string text) override { thrown_ = std::move(text); }
  void reaction_threw(const std::string& text) override;
  bool lets_in() override { return lets_in(*reading_); }
  void kept_out() override;
  bool lets_in(const Message& request) override;

  /// The handler answers with this status.
  void conclude(const grpc::Status& given);
  /// What the batch of a stream carries.
  void note(grpc::internal::CallOpSetInterface& batch);
  bool is_watched() const { return !method().chain.messages.empty(); }
  grpc::internal::Call hooked(grpc::internal::Call& call, grpc::experimental::ServerRpcInfo* info);
  void serve_sync(grpc::internal::MethodHandler& handler, const Parameter& parameter);
  void serve_callback(grpc::internal::MethodHandler& handler, const Parameter& parameter);
  void refuse_sync(grpc::internal::Call wire, void* request);
  void break_off(const Status& why);
  void end();

  DoorScope& scope_;
  grpc::ServerContextBase* context_;  ///< null: gone already
  grpc_call* const raw_;              ///< shared
  const std::string peer_;
  Status parsed_, verdict_;
  bool is_callback_ = false, admitted_ = false, replaced_ = false;
  const Message* reading_ = nullptr;    ///< where the current read of a callback stream goes
  std::atomic<bool> answering_{false};  ///< the handler has given a status, or a reaction threw
  std::optional<std::string> thrown_;   ///< by a callback method
  std::mutex answer_mutex_;             ///< whoever finishes the call; no other code runs under it
};

}  // namespace brontes::detail
