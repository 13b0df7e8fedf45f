#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <brontes/gateway/detail/field_slot.hpp>
#include <brontes/gateway/detail/request_binding.hpp>
#include <brontes/gateway/json_reader.hpp>
#include <brontes/gateway/query_binding.hpp>

namespace brontes::detail {
namespace {

Status in_body(Status status) {
  if (status.ok()) return status;
  return {status.code(), "request body: " + status.message()};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// google.api.HttpBody takes the body as it is: content_type 1, data 2.
void take_raw(const RawRequest& raw, Message& message) {
  slot_of(&message, 1).put(std::string(header(raw, "content-type")));
  slot_of(&message, 2).put(raw.body());
}

// PATCH of one field: an empty mask says what the body had.
void fill_mask(const RoutedRequest& request, std::vector<std::string> leaves, Message& message) {
  const FieldDescriptor* mask = nullptr;
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto* of = type.field(i)->message_type();
    if (!of || type.field(i)->is_repeated() ||
        of->well_known_type() != google::protobuf::Descriptor::WELLKNOWNTYPE_FIELDMASK)
      continue;
    if (mask) return;  // which one is meant is not known
    mask = type.field(i);
  }
  if (!mask || mask == request.match.route->body ||
      message.GetReflection()->HasField(message, mask))
    return;
  std::sort(leaves.begin(), leaves.end());
  Message* paths = FieldSlot{&message, mask}.open();
  for (std::string& path : leaves) slot_of(paths, 1).put(std::move(path));
}

Status bind_body_field(const RoutedRequest& request, const JsonOptions& options, Message& message) {
  const FieldDescriptor& field = *request.match.route->body;
  const std::string& body = request.raw.body();
  const bool one_message = field.message_type() && !field.is_repeated();
  if (one_message && is_http_body(*field.message_type())) {
    take_raw(request.raw, *FieldSlot{&message, &field}.open());
    return {};
  }
  if (is_blank(body)) {
    if (one_message) FieldSlot{&message, &field}.open();
    return {};
  }
  const bool patch = request.match.route->rule.method == "PATCH" && one_message;
  std::vector<std::string> leaves;
  Status status = read_json_field(body, options, message, field, patch ? &leaves : nullptr);
  if (status.ok() && patch) fill_mask(request, std::move(leaves), message);
  return in_body(std::move(status));
}

Status bind_body(const RoutedRequest& request, const JsonOptions& options, Message& message) {
  const Route& route = *request.match.route;
  if (route.body) return bind_body_field(request, options, message);
  if (!route.whole_body()) return {};
  if (is_http_body(*message.GetDescriptor())) {
    take_raw(request.raw, message);
    return {};
  }
  if (is_blank(request.raw.body())) return {};
  return in_body(read_json(request.raw.body(), options, message));
}

Status bind_parameters(const RoutedRequest& request, Message& message) {
  FormPairs parameters;
  for (const std::string_view text :
       {request.form ? std::string_view(request.raw.body()) : std::string_view(),
        std::string_view(request.query)}) {
    auto pairs = parse_form(text);
    if (!pairs) return pairs.error();
    std::move(pairs->begin(), pairs->end(), std::back_inserter(parameters));
  }
  return bind_query(message, parameters, {&request.match.values, request.match.route->rule.body});
}

}  // namespace

bool is_http_body(const google::protobuf::Descriptor& type) {
  return type.full_name() == "google.api.HttpBody";
}

Status bind_request(const RoutedRequest& request, const JsonOptions& options, Message& message) {
  if (Status status = bind_body(request, options, message); !status.ok()) return status;
  for (const auto& [field, value] : request.match.values)
    if (Status status = bind_path_value(message, field, value); !status.ok()) return status;
  if (request.match.route->whole_body()) return {};
  return bind_parameters(request, message);
}

}  // namespace brontes::detail
