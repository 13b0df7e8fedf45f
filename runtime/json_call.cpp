#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <brontes/gateway/json_reader.hpp>
#include <brontes/gateway/json_writer.hpp>
#include <brontes/runtime/json_call.hpp>
#include <optional>

namespace brontes {

namespace pb = google::protobuf;

struct JsonCall::State {
  Status refused;  // then there is no call
  const pb::Message* reply = nullptr;
  JsonOptions how;
  std::optional<ClientCall<std::string>> call;

  Expected<std::string> json(const Expected<std::string>& bytes) const {
    if (!bytes) return fail(bytes.error());
    const std::unique_ptr<pb::Message> message(reply->New());
    std::string text;
    if (!message->ParseFromString(*bytes))
      return fail(Errc::kInternal, "the reply is no " + message->GetTypeName());
    if (Status status = write_json(*message, how, text); !status.ok()) return fail(status);
    return text;
  }
};

namespace {

const pb::Message* prototype(const pb::Descriptor* type) {
  return pb::MessageFactory::generated_factory()->GetPrototype(type);
}

// "/pkg.Service/Method" -> its descriptor.
Expected<const pb::MethodDescriptor*> find_method(const std::string& path) {
  const auto slash = path.find('/', 1);
  const std::string service = path.substr(1, slash - 1), name = path.substr(slash + 1);
  const auto* known = pb::DescriptorPool::generated_pool()->FindServiceByName(service);
  const auto* method = known ? known->FindMethodByName(name) : nullptr;
  if (!method)
    return fail(Errc::kNotFound, "call " + path + ": " +
                                     (known ? service + " has no such method"
                                            : service + " is not linked into this program"));
  if (method->client_streaming() || method->server_streaming())
    return fail(Errc::kUnimplemented, "call " + path + ": it is a stream, and no unary call");
  return method;
}

}  // namespace

JsonCall call_json(const Channel& channel, const std::string& method, std::string_view json,
                   CallOptions options, JsonOptions how) {
  auto state = std::make_shared<JsonCall::State>();
  state->how = how;
  const auto refuse = [&](Status why) {
    state->refused = std::move(why);
    return JsonCall(state);
  };
  const auto path = full_path(channel, method);
  if (!path) return refuse(path.error());
  const auto found = find_method(*path);
  if (!found) return refuse(found.error());
  state->reply = prototype((*found)->output_type());
  const std::unique_ptr<pb::Message> request(prototype((*found)->input_type())->New());
  if (const Status status = read_json(json, how, *request); !status.ok())
    return refuse({status.code(), "call " + *path + ": " + status.message()});
  take_key(channel, *path, *request, options);
  state->call = call_bytes(channel, *path, request->SerializeAsString(), std::move(options));
  return JsonCall(state);
}

void JsonCall::on_answer(std::function<void(Expected<std::string>)> done) const {
  if (!state_->refused.ok()) return done(fail(state_->refused));
  const Executor here = [](const std::function<void()>& job) { job(); };
  state_->call->then(here, [state = state_, done = std::move(done)](
                               const Expected<std::string>& bytes) { done(state->json(bytes)); });
}

std::future<Expected<std::string>> JsonCall::future() const {
  const auto promise = std::make_shared<std::promise<Expected<std::string>>>();
  on_answer([promise](Expected<std::string> json) { promise->set_value(std::move(json)); });
  return promise->get_future();
}

void JsonCall::cancel() const {
  if (state_->call) state_->call->cancel();
}

}  // namespace brontes
