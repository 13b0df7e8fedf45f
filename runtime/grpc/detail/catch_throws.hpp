// Tells an exception of a callback method from a method that nobody implements: gRPC answers
// UNIMPLEMENTED without a word to both.
#pragma once

#include <grpcpp/impl/rpc_service_method.h>
#include <brontes/actors/call/method.hpp>

#include <optional>
#include <string>

namespace brontes::detail {

/// While it lives, exceptions of methods that this thread starts are written down here. The text
/// outlives it.
class ThrowWatch {
 public:
  explicit ThrowWatch(std::optional<std::string>& text);
  ~ThrowWatch();
  ThrowWatch(const ThrowWatch&) = delete;
  ThrowWatch& operator=(const ThrowWatch&) = delete;

 private:
  std::optional<std::string>* const before_;
};

/// Changes the handler of a callback method so that a ThrowWatch learns of its exceptions; without
/// one they pass.
void catch_throws(grpc::internal::MethodHandler& handler, Kind kind);

}  // namespace brontes::detail
