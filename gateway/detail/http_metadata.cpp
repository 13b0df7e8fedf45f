#include <algorithm>
#include <brontes/actors/call/metadata.hpp>
#include <brontes/gateway/detail/base64.hpp>
#include <brontes/gateway/detail/http_metadata.hpp>
#include <charconv>

namespace brontes::detail {
namespace {

constexpr std::string_view kPrefix = "grpc-metadata-";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

// `b` is in lower case.
bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == y; });
}
bool begins(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && same(text.substr(0, with.size()), with);
}
bool ends(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && same(text.substr(text.size() - with.size()), with);
}

// Travels as `grpcgateway-<name>`.
bool is_permanent(std::string_view name) {
  static constexpr std::string_view kNames[] = {"accept",
                                                "accept-charset",
                                                "accept-language",
                                                "accept-ranges",
                                                "authorization",
                                                "cache-control",
                                                "content-type",
                                                "cookie",
                                                "date",
                                                "expect",
                                                "from",
                                                "host",
                                                "if-match",
                                                "if-modified-since",
                                                "if-none-match",
                                                "if-schedule-tag-match",
                                                "if-unmodified-since",
                                                "max-forwards",
                                                "origin",
                                                "pragma",
                                                "referer",
                                                "user-agent",
                                                "via",
                                                "warning"};
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view known) { return same(name, known); });
}

// What a client must not be able to write by the prefix: the transport's own and the gateway's own.
bool is_protected(std::string_view key) {
  static constexpr std::string_view kNames[] = {"authorization",     "connection", "content-length",
                                                "content-type",      "host",       "keep-alive",
                                                "proxy-connection",  "te",         "trailer",
                                                "transfer-encoding", "upgrade",    "user-agent"};
  return begins(key, "grpc-") || begins(key, "grpcgateway-") || begins(key, "x-forwarded-") ||
         std::any_of(std::begin(kNames), std::end(kNames),
                     [&](std::string_view known) { return same(key, known); });
}

bool is_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    c = lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

bool is_printable(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

bool travels_as_is(std::string_view name, std::string_view value) {
  if (same(name, "traceparent")) return is_traceparent(value);
  if (same(name, "tracestate")) return is_tracestate(value);
  return same(name, "x-request-id") && is_printable(value);
}

// Calls f(prefix of the key, rest of the key, value); the key may be in any case.
template <class F>
void for_each(const RawRequest& request, F f) {
  for (const auto& field : request) {
    const std::string_view name = view(field.name_string()), value = view(field.value());
    if (begins(name, kPrefix)) {
      const std::string_view key = name.substr(kPrefix.size());
      if (is_key(key) && !is_protected(key) && is_printable(value)) f("", key, value);
    } else if (is_permanent(name)) {
      f("grpcgateway-", name, value);
      if (same(name, "authorization")) f("", name, value);
    } else if (travels_as_is(name, value)) {
      f("", name, value);
    }
  }
}

std::string decoded(std::string_view key, std::string_view value) {
  if (!ends(key, "-bin")) return std::string(value);
  return decode_base64(value, Base64::kStandard).value_or("");
}

std::string forwarded_for(const RawRequest& request, std::string_view peer) {
  std::string all;
  for (const auto& field : request)
    if (same(view(field.name_string()), "x-forwarded-for"))
      all.append(view(field.value())).append(", ");
  return all.append(peer);
}

std::string forwarded_host(const RawRequest& request) {
  const std::string_view given = header(request, "x-forwarded-host");
  return std::string(given.empty() ? header(request, "host") : given);
}

// "x-two" as "X-Two": proxies and people are used to it.
std::string canonical(std::string_view prefix, std::string_view key) {
  std::string out(prefix);
  bool first = true;
  for (const char c : key) {
    out += first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    first = c == '-';
  }
  return out;
}

std::string text_of(const std::string& key, const std::string& value) {
  if (!ends(key, "-bin")) return value;
  std::string out;
  append_base64(value, out);
  return out;
}

}  // namespace

Metadata metadata_of(const RawRequest& request, std::string_view peer) {
  Metadata all;
  for_each(request, [&](std::string_view prefix, std::string_view key, std::string_view value) {
    all.emplace_back(std::string(prefix) + lowered(key), decoded(key, value));
  });
  all.emplace_back("x-forwarded-for", forwarded_for(request, peer));
  if (auto host = forwarded_host(request); !host.empty())
    all.emplace_back("x-forwarded-host", std::move(host));
  return all;
}

std::string metadata_of(const RawRequest& request, std::string_view peer, std::string_view wanted) {
  if (wanted == "x-forwarded-for") return forwarded_for(request, peer);
  if (wanted == "x-forwarded-host") return forwarded_host(request);
  std::string_view found_key, found;
  bool done = false;
  for_each(request, [&](std::string_view prefix, std::string_view key, std::string_view value) {
    if (done || !wanted.starts_with(prefix) || !same(key, wanted.substr(prefix.size()))) return;
    found_key = key;
    found = value;
    done = true;
  });
  return done ? decoded(found_key, found) : std::string();
}

Status check_metadata(const RawRequest& request) {
  for (const auto& field : request) {
    const std::string_view name = view(field.name_string());
    if (begins(name, kPrefix) && ends(name, "-bin") &&
        !decode_base64(view(field.value()), Base64::kStandard))
      return {Errc::kInvalidArgument, "header " + std::string(name) + ": expected base64"};
  }
  return {};
}

Expected<Duration> timeout_from_text(std::string_view text) {
  static constexpr std::pair<char, std::int64_t> kUnits[] = {
      {'H', 3'600'000'000'000}, {'M', 60'000'000'000}, {'S', 1'000'000'000},
      {'m', 1'000'000},         {'u', 1000},           {'n', 1}};
  const auto error = [&] {
    return fail(Errc::kInvalidArgument, "header grpc-timeout: '" + std::string(text) +
                                            "' is not up to 8 digits and one of H M S m u n");
  };
  if (text.size() < 2 || text.size() > 9) return error();
  std::uint32_t count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto read = std::from_chars(text.data(), end, count);
  const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                 [&](const auto& known) { return known.first == *end; });
  if (read.ec != std::errc() || read.ptr != end || unit == std::end(kUnits)) return error();
  std::int64_t nanos = 0;
  if (count == 0 || __builtin_mul_overflow(std::int64_t{count}, unit->second, &nanos))
    return Duration::max();
  return Duration(nanos);
}

std::pair<std::string, std::string> header_of(const std::string& key, const std::string& value) {
  const bool plain = same(key, "x-request-id") || same(key, "traceparent");
  return {canonical(plain ? "" : "Grpc-Metadata-", key), text_of(key, value)};
}

std::pair<std::string, std::string> trailer_of(const std::string& key, const std::string& value) {
  return {canonical("Grpc-Trailer-", key), text_of(key, value)};
}

}  // namespace brontes::detail
