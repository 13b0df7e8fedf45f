// Requests that make no sense never reach a handler.
//
//   void validate(const HelloReq& request, brontes::Violations& wrong) {
//     if (request.name().empty()) wrong.add("name", "must not be empty");
//   }
//
// Declared beside the message (in its namespace), in the source file that says node.serve<...>() or
// in what it includes, it is found by itself: templates are filled in at the end of a file, so
// before or after makes no difference. node.validate<HelloReq>(...) says the same for a type of
// which one has only the header. --print-chain shows which methods have one.
#pragma once

#include <brontes/actors/call/interceptor.hpp>
#include <brontes/actors/call/method.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brontes {

/// What is wrong with one message. At most 100 are kept. Not thread-safe.
class Violations {
 public:
  struct Violation {
    std::string field;        ///< "address.zip"; "" the message as a whole
    std::string description;  ///< "must not be empty"
  };

  void add(std::string_view field, std::string_view description);

  /// Checks a part: validate(order.address(), wrong.in("address")) says "address.zip".
  Violations in(std::string_view field) const;

  bool empty() const { return found_->empty(); }
  const std::vector<Violation>& all() const { return *found_; }

 private:
  std::string prefix_;
  std::shared_ptr<std::vector<Violation>> found_ = std::make_shared<std::vector<Violation>>();
};

/// INVALID_ARGUMENT "request is invalid: name: must not be empty", with google.rpc.BadRequest in
/// the details; OK when there is none.
Status to_status(const Violations& violations);

/// Calls the right function for the type of a message.
using Validator = std::function<void(const Message&, Violations&)>;

/// There is a validate(const T&, Violations&) beside T.
template <class T>
concept HasValidate = requires(const T& message, Violations& wrong) {
  validate(message, wrong);
};

/// Around every method whose request has a validator, inside of all other interceptors; every
/// message of a stream is checked. What a validator throws answers INTERNAL. Validators run on the
/// thread that brought the message, many at a time, and must not block.
class Validation final : public Interceptor {
 public:
  const char* name() const override { return "validation"; }
  std::shared_ptr<Interceptor> for_method(const Method& method,
                                          std::shared_ptr<Interceptor> self) override;

  /// Before the table is given the interceptor. The last one for a type holds.
  template <class T, class F>
  void set(F check) {
    put(T::default_instance(),
        [check = std::move(check)](const Message& message, Violations& wrong) {
          check(static_cast<const T&>(message), wrong);
        });
  }
  /// For the request types of a service that have a validate() and no validator yet.
  template <class... M>
  void set_found(MethodList<M...>) {
    (set_found<typename M::Request>(), ...);
  }

 private:
  template <class T>
  void set_found() {
    if constexpr (HasValidate<T>)
      if (!validators_.contains(T::default_instance().GetTypeName()))
        set<T>([](const T& message, Violations& wrong) { validate(message, wrong); });
  }
  void put(const Message& type, Validator validator);

  std::map<std::string, Validator> validators_;  // by full name
};

}  // namespace brontes
