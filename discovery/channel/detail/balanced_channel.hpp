// What stock stubs are given: a grpc::ChannelInterface that sends each call to the endpoint that
// the published picker picks. See docs/adr/0050-balance-above-the-stubs.md.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/impl/channel_interface.h>

#include <atomic>
#include <brontes/discovery/channel/detail/channel_core.hpp>
#include <brontes/discovery/channel/transport.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace brontes {

/// Thread-safe. NotifyOnStateChange reports its deadline only; GetState and WaitForStateChange do
/// what they say.
class BalancedChannel final : public grpc::ChannelInterface {
 public:
  /// `owner` is kept until the last stub is gone. `transport` serves wait_for_ready.
  BalancedChannel(std::shared_ptr<ChannelCore> core, std::shared_ptr<Transport> transport,
                  std::string authority, std::shared_ptr<void> owner);
  ~BalancedChannel() override;

  /// kReady, or kConnecting while no endpoint is.
  grpc_connectivity_state GetState(bool try_to_connect) override;

 private:
  grpc::internal::Call CreateCall(const grpc::internal::RpcMethod& method,
                                  grpc::ClientContext* context,
                                  grpc::CompletionQueue* queue) override;
  void PerformOpsOnCall(grpc::internal::CallOpSetInterface* ops,
                        grpc::internal::Call* call) override;
  void* RegisterMethod(const char* method) override;
  grpc::CompletionQueue* CallbackCQ() override;
  void NotifyOnStateChangeImpl(grpc_connectivity_state last, gpr_timespec deadline,
                               grpc::CompletionQueue* queue, void* tag) override;
  bool WaitForStateChangeImpl(grpc_connectivity_state last, gpr_timespec deadline) override;

  std::uint64_t key_of(std::string_view path, const grpc::ClientContext& context) const;
  /// For a call that cannot be placed: fails it with the picker's complaint, or holds it until one
  /// of the endpoints is there.
  std::shared_ptr<grpc::Channel> stand_in(const EmptyPicker& picker, bool wait_for_ready);
  std::shared_ptr<grpc::Channel> lame(const std::string& complaint);
  std::shared_ptr<grpc::Channel> waiting(const std::vector<std::string>& addresses);

  const std::shared_ptr<ChannelCore> core_;
  const std::shared_ptr<Transport> transport_;
  const std::string authority_;
  const std::shared_ptr<void> owner_;
  const std::shared_ptr<grpc::Channel> base_;  // lame; its callback queue stands for ours
  std::atomic<grpc::CompletionQueue*> callbacks_{nullptr};  // null until the callback API is used

  std::mutex mutex_;  // guards what follows: the stand-ins that were made last
  std::string complaint_;
  std::shared_ptr<grpc::Channel> lame_;
  std::string waiting_target_;
  std::shared_ptr<Connection> waiting_;
};

}  // namespace brontes
