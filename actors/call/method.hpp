// One row of the method table: what can be called, and who answers.
#pragma once

#include <google/protobuf/message.h>

#include <brontes/actors/call/interceptor.hpp>
#include <functional>
#include <memory>
#include <string_view>

namespace brontes {

using google::protobuf::Message;

class CallPtr;

enum class Kind { kUnary, kServerStream, kClientStream, kBidi };

/// The request arrives whole, before the handler runs.
constexpr bool has_one_request(Kind kind) {
  return kind == Kind::kUnary || kind == Kind::kServerStream;
}
/// The reply is one message, sent when the call finishes.
constexpr bool has_one_reply(Kind kind) {
  return kind == Kind::kUnary || kind == Kind::kClientStream;
}

/// What happens to a call, in the order in which its handler sees it.
struct Event {
  enum class Type {
    kStarted,     ///< first, once; the request is there if the kind has one
    kMessage,     ///< client streams: one request, after Call::read asked for it
    kHalfClosed,  ///< client streams: no more requests
    kDemand,      ///< server streams: `credit` more replies may be written
    kCancelled,   ///< the peer left or the deadline passed; finish the call (any status)
  };
  Type type = Type::kStarted;
  int credit = 0;                    ///< kStarted, kDemand
  std::shared_ptr<Message> request;  ///< kMessage
};

/// Gets every event of every call of a method. Events of one call arrive one after the other in a
/// service actor; a function handler may see kCancelled and kDemand on other threads.
using Handler = std::function<void(CallPtr, Event)>;

/// Fixed before a server starts; outlives it. The prototypes are only used to make messages.
struct Method {
  std::string_view path;  ///< "/package.Service/Method"; must be static storage
  Kind kind = Kind::kUnary;
  const Message* request = nullptr;
  const Message* reply = nullptr;
  Handler handler;
  Chain chain = {};  ///< resolved by the table, for this method

  /// "package.Service"
  std::string_view service() const { return path.substr(1, path.rfind('/') - 1); }
  /// "Method"
  std::string_view name() const { return path.substr(path.rfind('/') + 1); }
};

/// The methods of a service, as protoc-gen-brontes lists them: `GreeterMethods::All`. A method tag
/// M has `Request`, `Reply`, `kind` and `path`.
template <class... M>
struct MethodList {};

/// The row of the tag M with this handler.
template <class M>
Method row(Handler handler) {
  return {M::path, M::kind, &M::Request::default_instance(), &M::Reply::default_instance(),
          std::move(handler)};
}

}  // namespace brontes
