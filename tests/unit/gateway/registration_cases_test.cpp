// The conformance cases about registration, which have no request: one test each, named by its id.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <brontes/actors/call/handlers.hpp>
#include <brontes/gateway/route_table.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "google/api/annotations.pb.h"
#include "testsvc.brontes.hpp"

namespace brontes {
namespace {

using nlohmann::json;

std::vector<json> registration_cases() {
  std::vector<json> cases;
  std::ifstream file(BRONTES_GATEWAY_CASES);
  for (std::string line; std::getline(file, line);)
    if (auto one = json::parse(line); one["request"].is_null()) cases.push_back(std::move(one));
  return cases;
}

// The rules of a method that has this option, as a program would have it.
Expected<std::vector<HttpRule>> rules_from(const std::string& option) {
  google::api::HttpRule rule;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(option, &rule)) << option;
  google::protobuf::FileDescriptorProto file;
  file.set_name("registration_case.proto");
  file.add_message_type()->set_name("Request");
  auto& service = *file.add_service();
  service.set_name("Service");
  auto& entry = *service.add_method();
  entry.set_name("Method");
  entry.set_input_type("Request");
  entry.set_output_type("Request");
  *entry.mutable_options()->MutableExtension(google::api::http) = rule;
  google::protobuf::DescriptorPool pool;
  return http_rules(*pool.BuildFile(file)->service(0)->method(0));
}

// "gwtest.v1.EchoService/Echo"; "gwtest.v1.RouteService/*" is any of that service.
const Method& method_of(const MethodTable& methods, const std::string& rpc) {
  const bool any = rpc.ends_with('*');
  const std::string path = '/' + (any ? rpc.substr(0, rpc.size() - 1) : rpc);
  for (const auto& [name, row] : methods.rows())
    if (any ? name.starts_with(path) : name == path) return row;
  throw std::out_of_range("no method " + rpc);
}

bool registers(const json& one) {
  using namespace gwtest::v1;
  MethodTable methods;
  for (const auto& rows : {unimplemented_rows(EchoServiceMethods::All()),
                           unimplemented_rows(RouteServiceMethods::All()),
                           unimplemented_rows(StreamServiceMethods::All())})
    for (const Method& row : rows) EXPECT_TRUE(methods.add(row).ok());
  std::string option = one["proto"]["rule"];
  constexpr std::string_view kTwice = " twice";
  const bool twice = option.ends_with(kTwice);
  if (twice) option.resize(option.size() - kTwice.size());
  auto rules = rules_from(option);
  if (!rules) return false;
  if (twice) rules->insert(rules->end(), rules->begin(), rules->end());
  RouteTable table;
  const Method& method = method_of(methods, one["proto"]["rpc"]);
  return std::all_of(rules->begin(), rules->end(),
                     [&](const HttpRule& rule) { return table.add(method, rule).ok(); });
}

// Cases about the text alone name fields that no message has.
void check_template(const json& one, const std::string& text) {
  const auto parsed = PathTemplate::parse(text);
  ASSERT_EQ(parsed.has_value(), one["expect"]["registration"] == "ok") << text;
  if (!parsed) return;
  const json& expected = one["expect"]["parsed"];
  EXPECT_EQ(parsed->to_string(), expected["pattern"]);
  EXPECT_EQ(parsed->verb(), expected["verb"]);
  std::vector<std::string> fields;
  for (const auto& variable : parsed->variables()) fields.push_back(variable.field_path);
  EXPECT_EQ(fields, expected["fields"].get<std::vector<std::string>>());
}

struct RegistrationCase : testing::TestWithParam<json> {};

TEST_P(RegistrationCase, IsDecidedAsTheCaseSays) {
  const json& one = GetParam();
  const std::string title = one["title"];
  SCOPED_TRACE(title);
  if (title.starts_with("template '"))
    return check_template(one, title.substr(10, title.rfind('\'') - 10));
  EXPECT_EQ(registers(one), one["expect"]["registration"] == "ok");
}

INSTANTIATE_TEST_SUITE_P(Corpus, RegistrationCase, testing::ValuesIn(registration_cases()),
                         [](const auto& info) {
                           std::string name = info.param["id"];
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace brontes
