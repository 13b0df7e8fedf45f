#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/descriptor_database.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>

#include <brontes/tools/cli/dynamic_method.hpp>

namespace brontes::cli {
namespace pb = google::protobuf;

struct DynamicMethod::Types {
  pb::SimpleDescriptorDatabase database;
  pb::DescriptorPool pool{&database};
  pb::DynamicMessageFactory factory{&pool};
  const pb::MethodDescriptor* method = nullptr;

  std::unique_ptr<pb::Message> make(const pb::Descriptor* type) {
    return std::unique_ptr<pb::Message>(factory.GetPrototype(type)->New());
  }
};

namespace {

std::string methods_of(const pb::ServiceDescriptor& service) {
  std::string names;
  for (int i = 0; i < service.method_count(); ++i)
    names += (i > 0 ? ", " : "") + service.method(i)->name();
  return names;
}

}  // namespace

Expected<MethodName> parse_method(const std::string& text) {
  const std::size_t slash = text.find('/', 1);
  const std::size_t begin = text.starts_with('/') ? 1 : 0;
  if (slash == std::string::npos || slash == begin || slash + 1 == text.size())
    return brontes::fail(Errc::kInvalidArgument,
                         "'" + text + "' is no method: write pkg.Service/Method");
  return MethodName{text.substr(begin, slash - begin), text.substr(slash + 1)};
}

Expected<DynamicMethod> DynamicMethod::find(const DescriptorFiles& files,
                                            const std::string& method) {
  const auto name = parse_method(method);
  if (!name) return brontes::fail(name.error());
  DynamicMethod found;
  found.types_ = std::make_shared<Types>();
  for (const std::string& file : files) {
    pb::FileDescriptorProto proto;
    proto.ParseFromString(file);
    found.types_->database.Add(proto);
  }
  const auto* service = found.types_->pool.FindServiceByName(name->service);
  if (!service)
    return brontes::fail(Errc::kNotFound, "the server does not describe " + name->service);
  const auto* descriptor = service->FindMethodByName(name->method);
  if (!descriptor)
    return brontes::fail(Errc::kNotFound, name->service + " has no method " + name->method +
                                              "; it has: " + methods_of(*service));
  if (descriptor->client_streaming() || descriptor->server_streaming())
    return brontes::fail(Errc::kUnimplemented,
                         method + " is a stream; this command makes unary calls");
  found.types_->method = descriptor;
  found.path_ = "/" + name->service + "/" + name->method;
  return found;
}

Expected<std::string> DynamicMethod::request(const std::string& json) const {
  const auto message = types_->make(types_->method->input_type());
  const auto status = pb::util::JsonStringToMessage(json, message.get());
  if (!status.ok())
    return brontes::fail(Errc::kInvalidArgument, "the request is no " +
                                                     types_->method->input_type()->full_name() +
                                                     ": " + std::string(status.message()));
  return message->SerializeAsString();
}

Expected<std::string> DynamicMethod::reply(const std::string& bytes) const {
  const auto message = types_->make(types_->method->output_type());
  std::string json;
  if (message->ParseFromString(bytes) && pb::util::MessageToJsonString(*message, &json).ok())
    return json;
  return brontes::fail(Errc::kInternal,
                       "the reply cannot be read as " + types_->method->output_type()->full_name());
}

}  // namespace brontes::cli
