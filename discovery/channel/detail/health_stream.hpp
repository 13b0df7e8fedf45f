// One Watch call of grpc.health.v1.
#pragma once

#include <grpcpp/channel.h>

#include <brontes/discovery/channel/transport.hpp>
#include <functional>
#include <memory>
#include <string>

namespace brontes {

inline constexpr const char* kHealthWatch = "/grpc.health.v1.Health/Watch";

/// As Connection::watch_health(). It runs on gRPC's callback threads.
std::shared_ptr<void> open_health_stream(const std::shared_ptr<grpc::Channel>& channel,
                                         const std::string& service,
                                         std::function<void(Health)> told);

}  // namespace brontes
