// The backend that testsvc.proto describes, as people write it who know gRPC alone.
#pragma once

#include <grpcpp/impl/service_type.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace brontes::conformance {

/// How many calls were cancelled, by the key that they were given. Thread-safe.
class CancelCounts {
 public:
  void add(const std::string& key) {
    const std::lock_guard lock(mutex_);
    ++counts_[key];
  }
  int of(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return counts_[key];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

/// EchoService is sync but for its slow method, StreamService has one callback method and is sync
/// otherwise, RouteService is all callback. `counts` outlives them.
std::vector<std::shared_ptr<grpc::Service>> stock_services(CancelCounts& counts);

}  // namespace brontes::conformance
