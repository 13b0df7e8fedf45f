// Handlers and reactors are those for messages that are not known here. All instances of these
// templates look alike: what they keep and how they are called does not depend on the types that
// their pointers point to. The language knows nothing of that, every ABI of gRPC's platforms does.
// A program that checks types of objects at run time notices (-fsanitize=vptr).
#include <brontes/runtime/grpc/detail/grpc_privates.hpp>
#include <brontes/runtime/grpc/detail/reaction_guard.hpp>

#include <exception>

namespace brontes::detail {
namespace {

thread_local ReactionWatch* current = nullptr;

std::string text_of_exception() {
  try {
    throw;
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

// What the guards of all kinds do. gRPC binds its stream to the reactor itself, which starts
// operations directly; only the reactions pass here.
template <class Reactor>
class Guard : public Reactor {
 public:
  Guard(Reactor& guarded, ReactionWatch& watch) : guarded_(guarded), watch_(watch) {}

 protected:
  Reactor& guarded() { return guarded_; }
  ReactionWatch& watch() { return watch_; }

  template <class F>
  void react(F reaction) {
    try {
      reaction();
    } catch (...) {
      watch_.reaction_threw(text_of_exception());
    }
  }

 private:
  void OnSendInitialMetadataDone(bool ok) override {
    react([&] { guarded_.OnSendInitialMetadataDone(ok); });
  }
  void OnCancel() override {
    react([&] { guarded_.OnCancel(); });
  }
  void OnDone() override {
    react([&] { guarded_.OnDone(); });
    delete this;
  }
  bool InternalInlineable() override { return guarded_.InternalInlineable(); }

  Reactor& guarded_;
  ReactionWatch& watch_;
};

template <class Base>
class GuardsReads : public Base {
 public:
  using Base::Base;

 private:
  void OnReadDone(bool ok) override {
    const bool kept_out = ok && !this->watch().lets_in();
    this->react([&] { this->guarded().OnReadDone(ok && !kept_out); });
    if (kept_out) this->watch().kept_out();
  }
};

template <class Base>
class GuardsWrites : public Base {
 public:
  using Base::Base;

 private:
  void OnWriteDone(bool ok) override {
    this->react([&] { this->guarded().OnWriteDone(ok); });
  }
};

using Unary = grpc::ServerUnaryReactor;
using Read = grpc::ServerReadReactor<Message>;
using Write = grpc::ServerWriteReactor<Message>;
using Bidi = grpc::ServerBidiReactor<Message, Message>;

class UnaryGuard final : public Guard<Unary> {
 public:
  using Guard::Guard;

 private:
  void InternalBindCall(grpc::ServerCallbackUnary* call) override {
    (guarded().*private_member(BindUnary{}))(call);
  }
};

class ReadGuard final : public GuardsReads<Guard<Read>> {
 public:
  using GuardsReads::GuardsReads;

 private:
  void InternalBindReader(grpc::ServerCallbackReader<Message>* reader) override {
    (guarded().*private_member(BindReader{}))(reader);
  }
};

class WriteGuard final : public GuardsWrites<Guard<Write>> {
 public:
  using GuardsWrites::GuardsWrites;

 private:
  void InternalBindWriter(grpc::ServerCallbackWriter<Message>* writer) override {
    (guarded().*private_member(BindWriter{}))(writer);
  }
};

class BidiGuard final : public GuardsWrites<GuardsReads<Guard<Bidi>>> {
 public:
  using GuardsWrites::GuardsWrites;

 private:
  void InternalBindStream(grpc::ServerCallbackReaderWriter<Message, Message>* stream) override {
    (guarded().*private_member(BindStream{}))(stream);
  }
};

// gRPC's own reactor, the default one, does nothing in its reactions and costs no thread for them.
template <class GuardOf, class Reactor>
Reactor* guard(Reactor* reactor) {
  if (!reactor || !current || reactor->InternalInlineable()) return reactor;
  return new GuardOf(*reactor, *current);
}

template <class GuardOf, class Handler, class Function>
void wrap(grpc::internal::MethodHandler& handler, Function Handler::*member) {
  Function& function = reinterpret_cast<Handler&>(handler).*member;
  function = [original = function](auto*... arguments) -> typename Function::result_type {
    try {
      return guard<GuardOf>(original(arguments...));
    } catch (...) {
      if (!current) throw;
      current->method_threw(text_of_exception());
      return nullptr;
    }
  };
}

}  // namespace

ReactionScope::ReactionScope(ReactionWatch& watch) : before_(current) { current = &watch; }

ReactionScope::~ReactionScope() { current = before_; }

void guard_reactions(grpc::internal::MethodHandler& handler, Kind kind) {
  switch (kind) {
    case Kind::kUnary:
      return wrap<UnaryGuard>(handler, private_member(UnaryReactor{}));
    case Kind::kServerStream:
      return wrap<WriteGuard>(handler, private_member(WriteReactor{}));
    case Kind::kClientStream:
      return wrap<ReadGuard>(handler, private_member(ReadReactor{}));
    case Kind::kBidi:
      return wrap<BidiGuard>(handler, private_member(BidiReactor{}));
  }
}

}  // namespace brontes::detail
