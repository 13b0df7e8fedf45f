#include <grpc/grpc.h>
#include <grpc/support/time.h>
#include <grpcpp/completion_queue.h>

#include <brontes/discovery/balancing/call_stats.hpp>
#include <brontes/discovery/channel/detail/balanced_channel.hpp>
#include <brontes/discovery/channel/detail/call_door.hpp>
#include <brontes/discovery/channel/detail/connectivity_monitor.hpp>
#include <brontes/discovery/channel/grpc_transport.hpp>
#include <string_view>

namespace brontes {
namespace {

std::shared_ptr<grpc::Channel> make_lame(const std::string& target, const std::string& text) {
  // A lame channel needs a library that is initialised; ordinary channels see to that themselves.
  static grpc::CompletionQueue keeps_the_library;
  return grpc::CreateChannelInternal(
      "", grpc_lame_client_channel_create(target.c_str(), GRPC_STATUS_UNAVAILABLE, text.c_str()),
      {});
}

// One gRPC target for several addresses, which must be of one family; the first family wins.
std::string joint_target(const std::vector<std::string>& addresses) {
  std::string joint = grpc_target(addresses.front());
  const std::string_view scheme = std::string_view(joint).substr(0, joint.find(":///"));
  if (scheme != "ipv4" && scheme != "ipv6") return joint;
  const std::string family = std::string(scheme) + ":///";
  for (std::size_t i = 1; i < addresses.size(); ++i) {
    const std::string next = grpc_target(addresses[i]);
    if (next.starts_with(family)) joint += "," + next.substr(family.size());
  }
  return joint;
}

}  // namespace

BalancedChannel::BalancedChannel(std::shared_ptr<ChannelCore> core,
                                 std::shared_ptr<Transport> transport, std::string authority,
                                 std::shared_ptr<void> owner)
    : core_(std::move(core)),
      transport_(std::move(transport)),
      authority_(std::move(authority)),
      owner_(std::move(owner)),
      base_(make_lame(core_->target, "not placed")) {}

BalancedChannel::~BalancedChannel() = default;

grpc_connectivity_state BalancedChannel::GetState(bool connect) {
  if (connect && core_->readiness->get() == 0)  // it may be idle
    core_->picker->read([](const Picker& picker) { (void)picker.pick({}); });
  return core_->readiness->get() > 0 ? GRPC_CHANNEL_READY : GRPC_CHANNEL_CONNECTING;
}

grpc::internal::Call BalancedChannel::CreateCall(const grpc::internal::RpcMethod& method,
                                                 grpc::ClientContext* context,
                                                 grpc::CompletionQueue* queue) {
  for (const auto& [key, value] : core_->call_metadata)
    if (!CallDoor::metadata(*context, key)) context->AddMetadata(key, value);
  const auto channel = core_->picker->read([&](const Picker& picker) {
    const PickResult picked =
        pick_ready(picker, {method.name(), {}, key_of(method.name(), *context)});
    auto found = picked.endpoint ? picked.endpoint->connection()->grpc_channel() : nullptr;
    if (found) return found;
    const auto* empty = dynamic_cast<const EmptyPicker*>(&picker);
    return empty ? stand_in(*empty, CallDoor::wait_for_ready(*context))
                 : lame("call " + core_->target + ": its transport carries no stock stubs");
  });
  // The callback API runs on a queue that belongs to the channel of the call.
  if (queue && queue == callbacks_.load(std::memory_order_acquire))
    queue = CallDoor::callback_queue(*channel);
  return CallDoor::create_call(*channel, method, context, queue);
}

// The request is not seen here, so a field of it cannot be asked for.
std::uint64_t BalancedChannel::key_of(std::string_view path,
                                      const grpc::ClientContext& context) const {
  const KeySource& key = core_->rules.of(path).key;
  if (key.from != KeySource::From::kHeader) return 0;
  const std::string* const value = CallDoor::metadata(context, key.name);
  return value ? key_hash(*value) : 0;
}

std::shared_ptr<grpc::Channel> BalancedChannel::stand_in(const EmptyPicker& picker,
                                                         bool wait_for_ready) {
  if ((wait_for_ready || picker.connecting()) && !picker.hopefuls().empty())
    if (auto channel = waiting(picker.hopefuls())) return channel;
  return lame(picker.complaint());
}

std::shared_ptr<grpc::Channel> BalancedChannel::lame(const std::string& complaint) {
  const std::lock_guard lock(mutex_);
  if (!lame_ || complaint_ != complaint) {
    lame_ = make_lame(core_->target, complaint);
    complaint_ = complaint;
  }
  return lame_;
}

std::shared_ptr<grpc::Channel> BalancedChannel::waiting(const std::vector<std::string>& addresses) {
  const std::string target = joint_target(addresses);
  const std::lock_guard lock(mutex_);
  if (!waiting_ || waiting_target_ != target) {
    waiting_ = transport_->open({target, authority_.empty() ? addresses.front() : authority_,
                                 std::make_shared<CallStats>(), [](Connectivity) {}});
    waiting_target_ = target;
  }
  return waiting_->grpc_channel();
}

void BalancedChannel::PerformOpsOnCall(grpc::internal::CallOpSetInterface* ops,
                                       grpc::internal::Call* call) {
  // Calls perform their operations on the channel that made them; this one makes none.
  ops->FillOps(call);
}

// Tags belong to one channel, and each call goes to another: calls carry their method by name.
void* BalancedChannel::RegisterMethod(const char*) { return nullptr; }

// Asked by the callback API only, before each call. The threads behind it poll, which would cost
// programs that have no need of them.
grpc::CompletionQueue* BalancedChannel::CallbackCQ() {
  if (auto* const known = callbacks_.load(std::memory_order_acquire)) return known;
  ConnectivityMonitor::process().keep_callback_threads();
  auto* const queue = CallDoor::callback_queue(*base_);
  callbacks_.store(queue, std::memory_order_release);
  return queue;
}

void BalancedChannel::NotifyOnStateChangeImpl(grpc_connectivity_state, gpr_timespec deadline,
                                              grpc::CompletionQueue* queue, void* tag) {
  base_->NotifyOnStateChange(base_->GetState(false), deadline, queue, tag);
}

bool BalancedChannel::WaitForStateChangeImpl(grpc_connectivity_state last, gpr_timespec deadline) {
  const bool was_ready = last == GRPC_CHANNEL_READY;
  // A stock caller's deadline is on gRPC's clock.
  const auto left = gpr_convert_clock_type(deadline, GPR_TIMESPAN);  // lint: allow(clock)
  const Duration timeout =
      left.tv_sec > 365L * 24 * 3600
          ? std::chrono::hours(365 * 24)
          : Duration(std::chrono::seconds(left.tv_sec)) + std::chrono::nanoseconds(left.tv_nsec);
  return core_->readiness->wait(timeout,
                                [&](std::size_t ready) { return (ready > 0) != was_ready; });
}

}  // namespace brontes
