#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <brontes/gateway/route_table.hpp>
#include <set>

namespace brontes {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

Status refused(const Method& method, const HttpRule& rule, const std::string& why) {
  return {Errc::kInvalidArgument, "route " + rule.method + " " + rule.path + " to " +
                                      std::string(method.path) + ": " + why + "; it is left out"};
}

// Messages whose JSON form is a scalar.
bool is_scalar_message(const Descriptor& type) {
  switch (type.well_known_type()) {
    case Descriptor::WELLKNOWNTYPE_UNSPECIFIED:
    case Descriptor::WELLKNOWNTYPE_ANY:
    case Descriptor::WELLKNOWNTYPE_STRUCT:
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return false;
    default:
      return true;
  }
}

const FieldDescriptor* field_at(const Descriptor* type, std::string_view path) {
  for (;;) {
    const auto dot = path.find('.');
    const FieldDescriptor* field = type->FindFieldByName(std::string(path.substr(0, dot)));
    if (!field || dot == std::string_view::npos) return field;
    if (field->is_repeated() || !field->message_type()) return nullptr;
    type = field->message_type();
    path.remove_prefix(dot + 1);
  }
}

std::string variable_fault(const Descriptor& request, const std::string& path) {
  const FieldDescriptor* field = field_at(&request, path);
  if (!field) return "no field '" + path + "' in " + std::string(request.full_name());
  if (field->is_map()) return "field '" + path + "' is a map";
  if (field->message_type() && (field->is_repeated() || !is_scalar_message(*field->message_type())))
    return "field '" + path + "' is a message";
  return {};
}

std::string fault(const Method& method, const Route& route) {
  const HttpRule& rule = route.rule;
  const Descriptor& request = *method.request->GetDescriptor();
  if (rule.method.empty()) return "no HTTP method";
  if (rule.method == "GET" && !rule.body.empty()) return "GET has no body";
  if (!has_one_request(method.kind) && !route.path.variables().empty())
    return "a stream of requests has no path variables";
  for (const auto& variable : route.path.variables())
    if (auto why = variable_fault(request, variable.field_path); !why.empty()) return why;
  if (!rule.body.empty() && !route.whole_body() && !route.body)
    return "no field '" + rule.body + "' for the body";
  if (!rule.response_body.empty() && !route.response_body)
    return "no field '" + rule.response_body + "' for the response body";
  return {};
}

bool same_place(const Route& a, const Route& b) {
  return a.rule.method == b.rule.method && a.path.to_string() == b.path.to_string();
}

}  // namespace

Status RouteTable::add(const Method& method, HttpRule rule) {
  auto path = PathTemplate::parse(rule.path);
  if (!path) return refused(method, rule, path.error().message());
  auto route = std::make_shared<Route>(Route{std::move(rule), std::move(*path), &method, {}, {}});
  route->body = method.request->GetDescriptor()->FindFieldByName(route->rule.body);
  route->response_body = method.reply->GetDescriptor()->FindFieldByName(route->rule.response_body);
  if (auto why = fault(method, *route); !why.empty()) return refused(method, route->rule, why);

  const auto same = std::find_if(routes_.begin(), routes_.end(),
                                 [&](const auto& other) { return same_place(*other, *route); });
  Status status;
  if (same != routes_.end()) {
    status = {Errc::kAlreadyExists, "route " + route->rule.method + " " + route->rule.path +
                                        " to " + std::string(method.path) +
                                        ": replaces the one to " +
                                        std::string((*same)->method->path)};
    routes_.erase(same);
  }
  routes_.push_back(std::move(route));
  return status;
}

std::vector<Status> RouteTable::add_service(const MethodTable& methods, std::string_view service) {
  std::vector<std::pair<int, const Method*>> rows;
  std::vector<Status> faults;
  for (const auto& [path, row] : methods.rows()) {
    if (row.service() != service) continue;
    const auto* described = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        std::string(service) + "." + std::string(row.name()));
    rows.emplace_back(described ? described->index() : -1, &row);
  }
  std::sort(rows.begin(), rows.end());
  if (rows.empty())
    faults.emplace_back(Errc::kNotFound, "routes of " + std::string(service) +
                                             ": the method table has no such service");
  for (const auto& [index, row] : rows) add_method(*row, faults);
  return faults;
}

void RouteTable::add_method(const Method& method, std::vector<Status>& faults) {
  const auto* described = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
      std::string(method.service()) + "." + std::string(method.name()));
  auto rules = described ? http_rules(*described) : std::vector<HttpRule>();
  if (!rules) return faults.push_back(rules.error());
  if (rules->empty() && options_.unbound_methods)
    rules->push_back({"POST", std::string(method.path), "*", ""});
  for (HttpRule& rule : *rules)
    if (Status status = add(method, std::move(rule)); !status.ok())
      faults.push_back(std::move(status));
}

std::vector<Status> RouteTable::add_all(const MethodTable& methods) {
  std::vector<Status> faults;
  std::string_view last;
  for (const auto& [path, row] : methods.rows()) {
    if (row.service() == last) continue;
    last = row.service();
    for (Status& status : add_service(methods, last)) faults.push_back(std::move(status));
  }
  return faults;
}

Expected<RouteTable::Match> RouteTable::find(std::string_view method, std::string_view path) const {
  if (path.empty() || path.front() != '/')
    return fail(Errc::kInvalidArgument, "the path must start with '/'");
  std::string decoded;
  if (path.find('%') != std::string_view::npos) {
    auto whole = percent_decode(path);
    if (!whole) return fail(Errc::kInvalidArgument, "path: " + whole.error().message());
    decoded = std::move(*whole);
    if (options_.decoding == PathDecoding::kWhole) path = decoded;
  }
  const SplitPath split(path);
  Match match;
  for (auto it = routes_.rbegin(); it != routes_.rend(); ++it) {
    const Route& route = **it;
    const bool fits = route.rule.method == method || route.rule.method == "*";
    if (fits && route.path.has_empty_verb_target(split)) return Match{};
    if (!fits && match.other_method) continue;
    if (!route.path.match(split, options_.decoding, match.values)) continue;
    if (fits) {
      match.route = *it;
      match.other_method = false;
      return match;
    }
    match.other_method = true;
    match.values.clear();
  }
  return match;
}

std::vector<std::string> RouteTable::allowed(std::string_view path) const {
  std::set<std::string> methods;
  for (const auto& route : routes_)
    if (const auto match = find(route->rule.method, path); match && match->route)
      methods.insert(route->rule.method);
  return {methods.begin(), methods.end()};
}

}  // namespace brontes
