#include <brontes/discovery/detail/plain_record.hpp>
#include <brontes/discovery/detail/record_words.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>

namespace brontes::detail {
namespace {

/// Takes from the front what is expected there; false if it is not.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return false;
    rest_.remove_prefix(expected.size());
    return true;
  }

  /// Up to the quote, which is taken as well.
  bool text(std::string& into) {
    std::size_t size = 0;
    while (size < rest_.size() && is_plain(rest_[size])) ++size;
    if (size == rest_.size() || rest_[size] != '"') return false;
    into = std::string(rest_.substr(0, size));  // of its own size
    rest_.remove_prefix(size + 1);
    return true;
  }

  bool number(std::uint32_t& into) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), into);
    const auto size = static_cast<std::size_t>(end - rest_.data());
    if (error != std::errc{} || (size > 1 && rest_.front() == '0')) return false;
    rest_.remove_prefix(size);
    return true;
  }

  bool boolean(bool& into) {
    into = rest_.starts_with("true");
    return literal(into ? "true" : "false");
  }

  /// From the brace on.
  template <class Map>
  bool texts(Map& into) {
    if (rest_.starts_with("{}")) return literal("{}");
    std::string_view before = "{\"";
    do {
      std::string key, value;
      if (!literal(before) || !text(key) || !literal(":\"") || !text(value)) return false;
      into[std::move(key)] = std::move(value);
      before = ",\"";
    } while (!rest_.starts_with('}'));
    return literal("}");
  }

  bool is_at_end() const { return rest_.empty(); }

 private:
  static bool is_plain(char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; }
  std::string_view rest_;
};

}  // namespace

bool read_plain_record(std::string_view json, Instance& into) {
  Cursor at(json);
  const bool read =
      at.literal("{\"network\":\"") && at.text(into.network) && at.literal(",\"name\":\"") &&
      at.text(into.name) && at.literal(",\"address\":\"") && at.text(into.address) &&
      at.literal(",\"naming_address\":\"") && at.text(into.naming_address) &&
      at.literal(",\"instance_id\":\"") && at.text(into.instance_id) &&
      at.literal(",\"version\":\"") && at.text(into.version) && at.literal(",\"weight\":") &&
      at.number(into.weight) && at.literal(",\"protocol\":\"") && at.text(into.protocol) &&
      at.literal(",\"healthy\":") && at.boolean(into.healthy) && at.literal(",\"created\":\"") &&
      at.text(into.created) && at.literal(",\"metadata\":") && at.texts(into.metadata) &&
      at.literal(",\"tags\":") && at.texts(into.tags) && at.literal("}") && at.is_at_end();
  if (read) into.protocol = protocol_name(into.protocol);
  return read;
}

}  // namespace brontes::detail
