#include <algorithm>
#include <brontes/discovery/registries/etcd/detail/keys.hpp>

namespace brontes::etcd {

Expected<std::string> normal_prefix(std::string_view prefix) {
  const auto bad = [&](const char* why) {
    return fail(Errc::kInvalidArgument, "prefix \"" + std::string(prefix) + "\" " + why);
  };
  if (std::any_of(prefix.begin(), prefix.end(),
                  [](unsigned char c) { return c <= ' ' || c == 127; }))
    return bad("has blanks or control characters");
  if (prefix.find("//") != prefix.npos) return bad("has two slashes in a row");
  if (prefix.size() > 512) return bad("is longer than 512 bytes");
  if (prefix.starts_with('/')) prefix.remove_prefix(1);
  if (prefix.ends_with('/')) prefix.remove_suffix(1);
  return "/" + std::string(prefix);
}

KeyRange Keys::range(const Query& query) const {
  std::string begin = root_;
  if (!query.name.empty()) begin += query.name + "/";
  if (!query.name.empty() && !query.version.empty()) begin += query.version + "/";
  if (!query.name.empty() && !query.instance_id.empty()) return {begin + query.instance_id, ""};
  std::string end = begin;
  ++end.back();  // '/' becomes '0'
  return {std::move(begin), std::move(end)};
}

std::optional<std::string> Keys::record_key(std::string_view key) const {
  if (!key.starts_with(root_)) return std::nullopt;
  key.remove_prefix(root_.size());
  // A name and an id at least, and nothing empty.
  if (key.find('/') == key.npos || key.front() == '/' || key.back() == '/' ||
      key.find("//") != key.npos)
    return std::nullopt;
  return std::string(key);
}

Expected<Instance> read_record(std::string_view record_key, std::string_view value) {
  auto instance = instance_from_json(value);
  if (!instance) return instance;
  if (const std::string own = brontes::record_key(*instance); own != record_key)
    return fail(Errc::kInvalidArgument, "it says that it is " + own);
  return instance;
}

}  // namespace brontes::etcd
