// Nodes, stock clients and watchers in this process.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <brontes/actors/system.hpp>
#include <brontes/runtime/node.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "greeter.brontes.hpp"
#include "greeter.grpc.pb.h"
#include "wire.hpp"

namespace brontes::testing {

using Hello::GreeterMethods;

class Greeter final : public ServiceActor {
 public:
  Greeter() {
    on<GreeterMethods::SayHello>([](const Hello::HelloReq& request, Hello::HelloReply& reply) {
      reply.set_message("hello, " + request.name());
      return Status();
    });
  }
};

inline Settings settings_for_test() {
  Settings settings{.name = "greeter", .version = "v1", .listen = {"127.0.0.1", 0}};
  settings.drain.min = Duration::zero();
  return settings;
}

/// What a stock client gets: the message, or the status as text.
inline std::string say(const std::string& address, const std::string& name = "a") {
  const auto stub =
      Hello::Greeter::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kHang);
  Hello::HelloReq request;
  request.set_name(name);
  Hello::HelloReply reply;
  const auto status = stub->SayHello(&context, request, &reply);
  return status.ok() ? reply.message() : "failed: " + status.error_message();
}

/// Remembers what the registry says about greeters, in order, as "+v1", "~drained", "-v1".
class Chronicle {
 public:
  explicit Chronicle(Discovery& discovery);
  /// Blocks until there are as many entries; all of them.
  std::vector<std::string> wait_for(std::size_t count);
  /// Blocks until that is the newest entry; false after kHang. What happens in quick succession
  /// may be told as one change: the entries before it are not certain.
  bool wait_until(const std::string& newest);
  std::vector<std::string> so_far();

 private:
  void note(const DiscoveryEvent& event);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> entries_;
  Subscription subscription_;
};

}  // namespace brontes::testing
