// The backend that testsvc.proto describes.
#pragma once

#include <brontes/actors/call/method_table.hpp>
#include <memory>

namespace brontes::conformance {

/// Threads and counters of the handlers; outlives the table's last call.
class Backend {
 public:
  Backend();
  ~Backend();

  /// All services of testsvc.proto.
  void add_to(MethodTable& table);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace brontes::conformance
