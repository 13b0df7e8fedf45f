#include <brontes/runtime/grpc/detail/catch_throws.hpp>
#include <brontes/runtime/grpc/detail/grpc_privates.hpp>

#include <exception>

namespace brontes::detail {
namespace {

thread_local std::optional<std::string>* watch = nullptr;

std::string text_of_exception() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

// The handler is one for messages that are not known here. All instances of these templates look
// alike: they keep a std::function that takes and returns pointers, and neither its layout nor the
// way it is called depends on what they point to. The language knows nothing of that, every ABI of
// gRPC's platforms does.
template <class Handler, class Function>
void wrap(grpc::internal::MethodHandler& handler, Function Handler::*member) {
  Function& function = reinterpret_cast<Handler&>(handler).*member;
  function = [original = function](auto*... arguments) -> typename Function::result_type {
    try {
      return original(arguments...);
    } catch (...) {
      if (!watch) throw;
      *watch = text_of_exception();
      return nullptr;
    }
  };
}

}  // namespace

ThrowWatch::ThrowWatch(std::optional<std::string>& text) : before_(watch) { watch = &text; }

ThrowWatch::~ThrowWatch() { watch = before_; }

void catch_throws(grpc::internal::MethodHandler& handler, Kind kind) {
  switch (kind) {
    case Kind::kUnary:
      return wrap(handler, private_member(UnaryReactor{}));
    case Kind::kServerStream:
      return wrap(handler, private_member(WriteReactor{}));
    case Kind::kClientStream:
      return wrap(handler, private_member(ReadReactor{}));
    case Kind::kBidi:
      return wrap(handler, private_member(BidiReactor{}));
  }
}

}  // namespace brontes::detail
