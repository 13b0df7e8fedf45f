#include <brontes/discovery/instance.hpp>
#include <charconv>

namespace brontes {

std::uint64_t incarnation(const Instance& instance) {
  const auto found = instance.metadata.find("brontes.incarnation");
  std::uint64_t value = 0;
  if (found != instance.metadata.end()) {
    const std::string& text = found->second.text;
    std::from_chars(text.data(), text.data() + text.size(), value);
  }
  return value;
}

bool Query::matches(const Instance& instance) const {
  if (instance.name != name || (!version.empty() && instance.version != version)) return false;
  for (const auto& [key, value] : tags) {
    const auto found = instance.tags.find(key);
    if (found == instance.tags.end() || found->second != value) return false;
  }
  for (const auto& [key, value] : metadata) {
    const auto found = instance.metadata.find(key);
    if (found == instance.metadata.end() || found->second.text != value) return false;
  }
  return true;
}

std::string Query::to_string() const { return version.empty() ? name : name + "/" + version; }

}  // namespace brontes
