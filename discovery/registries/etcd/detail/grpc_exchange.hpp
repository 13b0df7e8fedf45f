// One call, or one stream, over a gRPC channel.
#pragma once

#include <grpcpp/channel.h>

#include <brontes/discovery/registries/etcd/detail/wire.hpp>
#include <memory>

namespace brontes::etcd {

std::unique_ptr<Exchange> start_call(std::shared_ptr<grpc::Channel> channel, Request request,
                                     Ear ear);
std::unique_ptr<Exchange> start_stream(std::shared_ptr<grpc::Channel> channel, Request request,
                                       Ear ear);

}  // namespace brontes::etcd
