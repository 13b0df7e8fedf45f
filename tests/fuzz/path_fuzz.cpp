// From a URL to a message: template, path, percent-decoding, path variables, query.
// Input: the template, the path, the query, each on a line.
#include <brontes/gateway/path_template.hpp>
#include <brontes/gateway/query_binding.hpp>

#include "fuzz_target.hpp"
#include "testsvc.pb.h"

namespace brontes {
namespace {

using fuzz::require;

constexpr PathDecoding kAllModes[] = {PathDecoding::kWhole, PathDecoding::kAllExceptReserved,
                                      PathDecoding::kAllExceptSlash, PathDecoding::kAll};

// "%2F" is longer than what it stands for, and nothing else changes the length.
void check_decoding(std::string_view text) {
  const auto all = percent_decode(text);
  for (const Keep keep : {Keep::kSlash, Keep::kReserved}) {
    const auto some = percent_decode(text, keep);
    require(some.has_value() == all.has_value(), "what is kept decides what is valid", text);
    require(!some || some->size() >= all->size(), "keeping escapes made it shorter", text);
  }
  if (text.find('%') == std::string_view::npos)
    require(all && *all == text, "text without escapes was changed", text);
}

void check_template(const PathTemplate& path_template) {
  const std::string text = path_template.to_string();
  const auto again = PathTemplate::parse(text);
  require(again.has_value(), "a template cannot be read back", text);
  require(again->to_string() == text && again->verb() == path_template.verb(),
          "a template changes when it is read back", text);
  require(again->variables().size() == path_template.variables().size(), "variables got lost",
          text);
}

void check_match(const PathTemplate& path_template, std::string_view path) {
  for (const PathDecoding mode : kAllModes) {
    PathValues values;
    const bool matches = path_template.match(SplitPath(path), mode, values);
    require(values.size() == (matches ? path_template.variables().size() : 0),
            "not every variable has a value, or some without a match", path);
    for (const auto& [field, value] : values) {
      if (mode == PathDecoding::kWhole)
        require(path.find(value) != std::string_view::npos, "a value is not in the path", value);
      gwtest::v1::Everything message;
      (void)bind_path_value(message, field, value);
    }
  }
}

void check_query(std::string_view query) {
  const auto pairs = parse_form(query);
  if (!pairs) return;
  gwtest::v1::Everything message;
  const PathValues bound = {{"s", ""}, {"inner.name", ""}};
  const Status status = bind_query(message, *pairs, {&bound, "items"});
  require(message.s().empty() && message.inner().name().empty() && message.items().empty(),
          "the query touched what path or body hold", query);
  if (status.ok()) require(message.IsInitialized(), "half a message", query);
}

}  // namespace
}  // namespace brontes

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace brontes;
  fuzz::Input input(data, size);
  const std::string_view text = input.line(), path = input.line(), query = input.line();
  check_decoding(path);
  (void)is_utf8(path);
  check_query(query);
  const auto path_template = PathTemplate::parse(text);
  if (!path_template) return 0;
  check_template(*path_template);
  if (path.starts_with('/')) check_match(*path_template, path);
  return 0;
}
