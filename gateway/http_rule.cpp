#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <brontes/gateway/http_rule.hpp>

namespace brontes {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr int kHttpOption = 72295728;

// Field numbers of google.api.HttpRule and its CustomHttpPattern.
enum RuleField { kGet = 2, kPut = 3, kPost = 4, kDelete = 5, kPatch = 6, kBody = 7, kCustom = 8 };
enum MoreRuleFields { kAdditional = 11, kResponseBody = 12 };
enum CustomField { kKind = 1, kPath = 2 };

// Calls f(field number, bytes) for all length-delimited fields, skips the others.
template <class F>
bool for_each_bytes(const std::string& message, F f) {
  CodedInputStream in(reinterpret_cast<const std::uint8_t*>(message.data()),
                      static_cast<int>(message.size()));
  while (const std::uint32_t tag = in.ReadTag()) {
    if (WireFormatLite::GetTagWireType(tag) != WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
      if (!WireFormatLite::SkipField(&in, tag)) return false;
      continue;
    }
    std::uint32_t size = 0;
    std::string bytes;
    if (!in.ReadVarint32(&size) || !in.ReadString(&bytes, static_cast<int>(size))) return false;
    f(WireFormatLite::GetTagFieldNumber(tag), std::move(bytes));
  }
  return in.ConsumedEntireMessage();
}

bool decode_rule(const std::string& bytes, HttpRule& rule, std::vector<std::string>& additional) {
  bool custom_ok = true;
  const bool ok = for_each_bytes(bytes, [&](int field, std::string value) {
    const auto pattern = [&](const char* method) {
      rule.method = method;
      rule.path = std::move(value);
    };
    switch (field) {
      case kGet:
        return pattern("GET");
      case kPut:
        return pattern("PUT");
      case kPost:
        return pattern("POST");
      case kDelete:
        return pattern("DELETE");
      case kPatch:
        return pattern("PATCH");
      case kBody:
        rule.body = std::move(value);
        return;
      case kResponseBody:
        rule.response_body = std::move(value);
        return;
      case kAdditional:
        additional.push_back(std::move(value));
        return;
      case kCustom:
        custom_ok &= for_each_bytes(value, [&](int part, std::string text) {
          if (part == kKind) rule.method = std::move(text);
          if (part == kPath) rule.path = std::move(text);
        });
        return;
      default:
        return;
    }
  });
  return ok && custom_ok;
}

Status malformed(const google::protobuf::MethodDescriptor& method, const char* what) {
  return {Errc::kInvalidArgument, "http rule of " + std::string(method.full_name()) + ": " + what +
                                      "; the rule is left out"};
}

}  // namespace

Expected<std::vector<HttpRule>> http_rules(const google::protobuf::MethodDescriptor& method) {
  std::string option;
  // Where the option was merged from several places its parts follow each other, as in any message.
  for_each_bytes(method.options().SerializeAsString(), [&](int field, const std::string& bytes) {
    if (field == kHttpOption) option += bytes;
  });
  std::vector<HttpRule> rules(1);
  std::vector<std::string> additional, nested;
  if (!decode_rule(option, rules.front(), additional))
    return fail(malformed(method, "cannot be read"));
  for (const std::string& bytes : additional) {
    if (!decode_rule(bytes, rules.emplace_back(), nested))
      return fail(malformed(method, "cannot be read"));
    if (!nested.empty())
      return fail(malformed(method, "additional_bindings inside additional_bindings"));
  }
  std::erase_if(rules, [](const HttpRule& rule) { return rule.path.empty(); });
  return rules;
}

}  // namespace brontes
