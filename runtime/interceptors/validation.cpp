#include <google/protobuf/any.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <brontes/actors/call/call.hpp>
#include <brontes/runtime/interceptors/validation.hpp>

namespace brontes {
namespace {

constexpr std::size_t kMostViolations = 100;

using google::protobuf::io::CodedOutputStream;
using google::protobuf::io::StringOutputStream;

// google.rpc.Status and google.rpc.BadRequest by hand: generated code for them would collide with
// that of an application that brings its own.
void append_bytes(int field, const std::string& bytes, std::string& out) {
  constexpr std::uint32_t kLengthDelimited = 2;
  StringOutputStream stream(&out);
  CodedOutputStream coded(&stream);
  coded.WriteTag(static_cast<std::uint32_t>(field) << 3 | kLengthDelimited);
  coded.WriteVarint32(static_cast<std::uint32_t>(bytes.size()));
  coded.WriteString(bytes);
}

std::string bad_request(const Violations& violations) {
  std::string request;  // repeated FieldViolation field_violations = 1
  for (const auto& [field, description] : violations.all()) {
    std::string violation;
    append_bytes(1, field, violation);
    append_bytes(2, description, violation);
    append_bytes(1, violation, request);
  }
  return request;
}

std::string rpc_status(Errc code, const std::string& message, const Violations& violations) {
  google::protobuf::Any detail;
  detail.set_type_url("type.googleapis.com/google.rpc.BadRequest");
  detail.set_value(bad_request(violations));
  std::string status = {'\x08', static_cast<char>(code)};  // int32 code = 1
  append_bytes(2, message, status);
  append_bytes(3, detail.SerializeAsString(), status);
  return status;
}

class OfMethod final : public MessageInterceptor {
 public:
  explicit OfMethod(Validator validator) : validator_(std::move(validator)) {}
  const char* name() const override { return "validation"; }
  Status on_received(Call&, const Message& request) override {
    Violations violations;
    validator_(request, violations);
    return to_status(violations);
  }

 private:
  const Validator validator_;
};

}  // namespace

void Violations::add(std::string_view field, std::string_view description) {
  if (found_->size() == kMostViolations) return;
  const bool joint = !prefix_.empty() && !field.empty();
  found_->push_back({prefix_ + (joint ? "." : "") + std::string(field), std::string(description)});
}

Violations Violations::in(std::string_view field) const {
  Violations part = *this;
  part.prefix_ += (prefix_.empty() ? "" : ".") + std::string(field);
  return part;
}

Status to_status(const Violations& violations) {
  if (violations.empty()) return {};
  const auto& first = violations.all().front();
  std::string text = "request is invalid: ";
  if (!first.field.empty()) text += first.field + ": ";
  text += first.description;
  if (const auto more = violations.all().size() - 1; more > 0)
    text += " (and " + std::to_string(more) + " more)";
  return {Errc::kInvalidArgument, text, rpc_status(Errc::kInvalidArgument, text, violations)};
}

std::shared_ptr<Interceptor> Validation::for_method(const Method& method,
                                                    std::shared_ptr<Interceptor>) {
  const auto found = validators_.find(method.request->GetTypeName());
  return found == validators_.end() ? nullptr : std::make_shared<OfMethod>(found->second);
}

void Validation::put(const Message& type, Validator validator) {
  validators_[type.GetTypeName()] = std::move(validator);
}

}  // namespace brontes
