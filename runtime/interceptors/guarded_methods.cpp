#include <array>
#include <brontes/actors/call/call.hpp>
#include <brontes/runtime/interceptors/guarded_methods.hpp>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace brontes {
namespace {

/// Of calls from on_headers to on_done, which keeps the pointers valid. Thread-safe.
class Permits {
 public:
  void add(const Call& call, Permit permit) {
    Part& part = part_of(call);
    const std::lock_guard lock(part.mutex);
    part.permits.emplace(&call, std::move(permit));
  }
  /// False: it was not let in.
  bool take(const Call& call, Permit& permit) {
    Part& part = part_of(call);
    const std::lock_guard lock(part.mutex);
    auto node = part.permits.extract(&call);
    if (node) permit = std::move(node.mapped());
    return static_cast<bool>(node);
  }

 private:
  struct alignas(64) Part {
    std::mutex mutex;  // guards what follows
    std::unordered_map<const Call*, Permit> permits;
  };
  Part& part_of(const Call& call) {
    // Calls are far larger than 64 bytes: the lower bits say nothing.
    return parts_[(reinterpret_cast<std::uintptr_t>(&call) >> 8) % parts_.size()];
  }
  std::array<Part, 8> parts_;
};

}  // namespace

class GuardedMethods::OfMethod final : public Interceptor {
 public:
  OfMethod(GuardPtr guard, Key key) : guard_(std::move(guard)), key_(std::move(key)) {}
  const char* name() const override { return "guard"; }

  Status on_headers(Call& call) override {
    CallTerms terms;
    terms.deadline = call.deadline();
    if (key_) terms.key = key_(call);
    Permit permit;
    Status why;
    if (guard_->enter(terms, false, permit, why) != Entry::kIn) return why;
    permits_.add(call, std::move(permit));
    return {};
  }

  void on_done(const Call& call, const Outcome& outcome) noexcept override {
    Permit permit;
    if (permits_.take(call, permit)) guard_->leave(permit, {.code = outcome.status.code()});
  }

 private:
  const GuardPtr guard_;
  const Key key_;
  Permits permits_;
};

GuardedMethods::GuardedMethods(Choose choose, Key key)
    : choose_(std::move(choose)), key_(std::move(key)) {}

std::shared_ptr<Interceptor> GuardedMethods::for_method(const Method& method,
                                                        std::shared_ptr<Interceptor>) {
  auto guard = choose_(method);
  if (!guard) return nullptr;
  return std::make_shared<OfMethod>(std::move(guard), key_);
}

}  // namespace brontes
