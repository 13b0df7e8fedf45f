// Breakers and limits in front of handlers: what is refused is not parsed.
//
//   node.intercept(std::make_shared<GuardedMethods>([&](const Method& method) -> GuardPtr {
//     if (method.service() != "orders.v1.Orders") return nullptr;
//     return Bulkhead::make(system, std::string(method.path), {.max_concurrent = 50}).value();
//   }));
#pragma once

#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/resilience/guard.hpp>
#include <functional>
#include <memory>
#include <string>

namespace brontes {

using GuardPtr = std::shared_ptr<Guard>;

/// Asks, for each method, which guard stands before it; null: none. The same one may stand before
/// many. Nothing waits: who would have to is refused. A breaker here counts what handlers answer.
class GuardedMethods final : public Interceptor {
 public:
  using Choose = std::function<GuardPtr(const Method&)>;
  /// CallTerms::key of a call, for guards per key: a tenant. Must be short.
  using Key = std::function<std::string(const Call&)>;

  explicit GuardedMethods(Choose choose, Key key = {});
  const char* name() const override { return "guard"; }
  std::shared_ptr<Interceptor> for_method(const Method& method,
                                          std::shared_ptr<Interceptor> self) override;

 private:
  class OfMethod;
  const Choose choose_;
  const Key key_;
};

}  // namespace brontes
