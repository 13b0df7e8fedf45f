#include "request_count.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace brontes::fuzz {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::string_view trim(std::string_view text) {
  const auto from = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(from, text.find_last_not_of(" \t") + 1 - from);
}

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return {};
  return value;
}

std::optional<std::string_view> take_line(std::string_view& bytes) {
  const auto end = bytes.find(kLineEnd);
  if (end == std::string_view::npos) return {};
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end + kLineEnd.size());
  return line;
}

bool take(std::string_view& bytes, std::size_t count) {
  if (count > bytes.size()) return false;
  bytes.remove_prefix(count);
  return true;
}

struct Head {
  std::string_view first_line;
  std::vector<std::string> lengths, codings;
  bool closes = false;
  bool chunked() const { return codings == std::vector<std::string>{"chunked"}; }
};

std::optional<Head> take_head(std::string_view& bytes) {
  Head head;
  const auto first = take_line(bytes);
  if (!first) return {};
  head.first_line = *first;
  while (const auto line = take_line(bytes)) {
    if (line->empty()) return head;
    if (line->front() == ' ' || line->front() == '\t') return {};  // folded
    const auto colon = line->find(':');
    if (colon == std::string_view::npos || !is_token(line->substr(0, colon))) return {};
    const std::string name = lower(line->substr(0, colon));
    const std::string_view value = trim(line->substr(colon + 1));
    if (name == "content-length") head.lengths.push_back(lower(value));
    if (name == "transfer-encoding") head.codings.push_back(lower(value));
    if (name == "connection" && lower(value) == "close") head.closes = true;
  }
  return {};
}

bool take_chunks(std::string_view& bytes) {
  while (const auto line = take_line(bytes)) {
    const auto size = number(trim(line->substr(0, line->find(';'))), 16);
    if (!size) return false;
    if (*size == 0) break;
    if (!take(bytes, *size) || bytes.substr(0, 2) != kLineEnd) return false;
    take(bytes, 2);
  }
  while (const auto trailer = take_line(bytes))
    if (trailer->empty()) return true;
  return false;
}

// Exactly one way to say how long the body is, or none.
bool take_body(const Head& head, std::string_view& bytes) {
  if (!head.codings.empty()) return head.lengths.empty() && head.chunked() && take_chunks(bytes);
  if (head.lengths.empty()) return true;
  const auto length = number(head.lengths.front(), 10);
  return head.lengths.size() == 1 && length && take(bytes, *length);
}

}  // namespace

std::vector<std::string> whole_requests(std::string_view bytes) {
  std::vector<std::string> methods;
  for (;;) {
    if (bytes.starts_with(kLineEnd)) bytes.remove_prefix(kLineEnd.size());  // RFC 9112 2.2
    const auto head = take_head(bytes);
    if (!head) break;
    const std::string_view method = head->first_line.substr(0, head->first_line.find(' '));
    const bool spoken =
        head->first_line.ends_with(" HTTP/1.1") || head->first_line.ends_with(" HTTP/1.0");
    if (!is_token(method) || !spoken || !take_body(*head, bytes)) break;
    methods.emplace_back(method);
  }
  return methods;
}

CountedReplies read_replies(std::string_view bytes, const std::vector<std::string>& methods) {
  CountedReplies replies;
  const auto stop = [&](std::string_view why) {
    replies.mistake = why;
    replies.rest = bytes;
    return replies;
  };
  while (!bytes.empty()) {
    constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    if (bytes.starts_with(kContinue)) {
      bytes.remove_prefix(kContinue.size());
      continue;
    }
    if (replies.closes) return stop("bytes after the last reply");
    const auto head = take_head(bytes);
    if (!head || !head->first_line.starts_with("HTTP/1.1 ")) return stop("no head of a reply");
    const auto status = number(head->first_line.substr(9, 3), 10);
    if (!status || *status < 200 || *status > 599) return stop("no status of a reply");
    replies.closes = head->closes;
    const bool to_head = replies.count < methods.size() && methods[replies.count] == "HEAD";
    ++replies.count;
    // A refusal has a body or none: what is not a whole request may have begun as a HEAD, and of a
    // HEAD the first line may be so bad that nobody knows it is one.
    const bool to_half = replies.count > methods.size() && head->closes && bytes.empty();
    if (to_head && head->closes) bytes = {};
    if (to_half || to_head || *status == 204 || *status == 304) continue;
    if (head->lengths.empty() && head->codings.empty()) {
      if (!head->closes) return stop("nobody can tell where the reply ends");
      bytes = {};
    } else if (!take_body(*head, bytes)) {
      return stop("a body is cut off or framed twice");
    }
  }
  return replies;
}

}  // namespace brontes::fuzz
