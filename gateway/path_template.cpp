#include <algorithm>
#include <brontes/gateway/path_template.hpp>

namespace brontes {
namespace {

bool is_identifier(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  if (text.empty() || !letter(text[0])) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_field_path(std::string_view text) {
  for (;;) {
    const auto dot = text.find('.');
    if (!is_identifier(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

// RFC 3986 pchar, escapes whole.
bool is_literal(std::string_view text) {
  constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@%";
  const bool known = std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != std::string_view::npos;
  });
  return known && !text.empty() && percent_decode(text).has_value();
}

}  // namespace

class PathTemplateParser {
 public:
  explicit PathTemplateParser(std::string_view text) : text_(text) {}

  Expected<PathTemplate> parse() {
    if (!eat('/')) return error("it must start with '/'");
    cut_verb();
    if (at_ == end_) {  // the root
      out_.segments_.push_back({PathTemplate::Kind::kLiteral, ""});
      return std::move(out_);
    }
    if (Status status = segments(false); !status.ok()) return fail(std::move(status));
    if (at_ != end_) return error("unexpected text");
    at_ = end_ + 1;
    if (!out_.verb_.empty() && !is_literal(out_.verb_))
      return error("a verb with a forbidden character");
    return std::move(out_);
  }

 private:
  bool eat(char c) {
    if (at_ >= end_ || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  tl::unexpected<Status> error(std::string_view what) const { return fail(status(what)); }
  Status status(std::string_view what) const {
    return {Errc::kInvalidArgument, "path template '" + std::string(text_) + "': byte " +
                                        std::to_string(at_) + ": " + std::string(what)};
  }

  // After a variable the verb begins at the first colon, after a literal at the last one.
  void cut_verb() {
    end_ = text_.size();
    const auto brace = text_.rfind('}');
    const auto slash = text_.rfind('/');
    const bool after_variable = brace != std::string_view::npos && brace > slash;
    const auto from = after_variable ? brace + 1 : slash + 1;
    const auto colon = after_variable
                           ? (text_.substr(from, 1) == ":" ? from : std::string_view::npos)
                           : text_.rfind(':');
    if (colon == std::string_view::npos || colon < from) return;
    out_.verb_ = text_.substr(colon + 1);
    end_ = colon;
  }

  Status segments(bool in_variable) {
    do {
      if (Status status = segment(in_variable); !status.ok()) return status;
    } while (eat('/'));
    return {};
  }

  Status segment(bool in_variable) {
    if (at_ < end_ && text_[at_] == '{')
      return in_variable ? status("a variable inside a variable") : variable();
    const auto stop = std::min(text_.find_first_of(in_variable ? "/}" : "/", at_), end_);
    const std::string_view word = text_.substr(at_, stop - at_);
    if (word == "**" && out_.rest_ >= 0) return status("a second '**'");
    if (word == "**") out_.rest_ = static_cast<int>(out_.segments_.size());
    if (word == "*" || word == "**")
      out_.segments_.push_back(
          {word == "*" ? PathTemplate::Kind::kOne : PathTemplate::Kind::kRest, ""});
    else if (is_literal(word))
      out_.segments_.push_back({PathTemplate::Kind::kLiteral, std::string(word)});
    else
      return status(word.empty() ? "an empty segment" : "a segment with a forbidden character");
    at_ = stop;
    return {};
  }

  Status variable() {
    ++at_;
    const auto stop = std::min(text_.find_first_of("=}/", at_), end_);
    const std::string_view name = text_.substr(at_, stop - at_);
    if (!is_field_path(name)) return status("a variable needs the path of a field");
    at_ = stop;
    const std::size_t first = out_.segments_.size();
    if (eat('=')) {
      if (Status status = segments(true); !status.ok()) return status;
    } else {
      out_.segments_.push_back({PathTemplate::Kind::kOne, ""});
    }
    if (!eat('}')) return status("'}' is missing");
    if (at_ < end_ && text_[at_] != '/') return status("text after a variable");
    const std::size_t count = out_.segments_.size() - first;
    const bool several = count > 1 || out_.segments_[first].kind == PathTemplate::Kind::kRest;
    out_.variables_.push_back({std::string(name), first, count, several});
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0, end_ = 1;
  PathTemplate out_;
};

Expected<PathTemplate> PathTemplate::parse(std::string_view text) {
  return PathTemplateParser(text).parse();
}

std::string PathTemplate::to_string() const {
  std::string text;
  auto variable = variables_.begin();
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    text += '/';
    if (variable != variables_.end() && variable->first == i)
      text += '{' + variable->field_path + '=';
    const Segment& segment = segments_[i];
    text += segment.kind == Kind::kOne ? "*" : segment.kind == Kind::kRest ? "**" : segment.literal;
    if (variable != variables_.end() && i + 1 == variable->first + variable->count) {
      text += '}';
      ++variable;
    }
  }
  // Without a verb a colon of the last literal would begin one.
  const bool ambiguous = verb_.empty() && !text.ends_with('}') &&
                         segments_.back().literal.find(':') != std::string::npos;
  return verb_.empty() && !ambiguous ? text : text + ':' + verb_;
}

}  // namespace brontes
