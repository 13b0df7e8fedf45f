// The matching half of PathTemplate.
#include <brontes/gateway/path_template.hpp>

namespace brontes {
namespace {

Keep kept(PathDecoding decoding, bool several) {
  if (!several) return Keep::kNothing;
  if (decoding == PathDecoding::kAllExceptReserved) return Keep::kReserved;
  return decoding == PathDecoding::kAllExceptSlash ? Keep::kSlash : Keep::kNothing;
}

// The segments of a variable are neighbours in the path: one view spans them and the slashes.
std::string_view span(const SplitPath& path, std::size_t first, std::size_t last, std::size_t cut) {
  if (first == last) return {};
  const char* begin = path.segments[first].data();
  const std::string_view& end = path.segments[last - 1];
  auto size = static_cast<std::size_t>(end.data() + end.size() - begin);
  if (last == path.segments.size()) size -= cut;
  return {begin, size};
}

bool has_verb(std::string_view last, const std::string& verb) {
  return last.size() > verb.size() && last.substr(last.size() - verb.size()) == verb &&
         last[last.size() - verb.size() - 1] == ':';
}

}  // namespace

SplitPath::SplitPath(std::string_view path) {
  path.remove_prefix(path.empty() ? 0 : 1);
  for (;;) {
    const auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return;
    path.remove_prefix(slash + 1);
  }
}

bool PathTemplate::has_empty_verb_target(const SplitPath& path) const {
  return !verb_.empty() && path.segments.back().size() == verb_.size() + 1 &&
         has_verb(path.segments.back(), verb_);
}

bool PathTemplate::match(const SplitPath& path, PathDecoding decoding, PathValues& values) const {
  const std::size_t count = path.segments.size();
  const std::size_t fixed = segments_.size() - (rest_ >= 0 ? 1 : 0);
  if (rest_ < 0 ? count != fixed : count < fixed) return false;
  const std::size_t cut = verb_.empty() ? 0 : verb_.size() + 1;
  if (cut > 0 && (!has_verb(path.segments.back(), verb_) || has_empty_verb_target(path)))
    return false;
  const std::size_t taken = count - fixed;  // by "**"
  // Where a segment of the template begins in the path.
  const auto place = [&](std::size_t i) {
    return rest_ >= 0 && i > static_cast<std::size_t>(rest_) ? i + taken - 1 : i;
  };

  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i].kind != Kind::kLiteral) continue;
    const std::size_t at = place(i);
    if (span(path, at, at + 1, cut) != segments_[i].literal) return false;
  }
  const std::size_t before = values.size();
  for (const Variable& variable : variables_) {
    const auto text =
        span(path, place(variable.first), place(variable.first + variable.count), cut);
    if (decoding == PathDecoding::kWhole) {
      values.emplace_back(variable.field_path, text);
      continue;
    }
    auto value = percent_decode(text, kept(decoding, variable.several_segments));
    if (!value) {
      values.resize(before);
      return false;
    }
    values.emplace_back(variable.field_path, std::move(*value));
  }
  return true;
}

}  // namespace brontes
