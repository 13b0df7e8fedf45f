#include <brontes/discovery/address.hpp>
#include <brontes/discovery/detail/names.hpp>
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

Status check_name(std::string_view text) {
  if (detail::is_name(text)) return {};
  return {Errc::kInvalidArgument,
          "'" + std::string(text) + "' must be 1 to 128 of letters, digits, '.', '_' and '-'"};
}

Status validate(const Instance& instance) {
  const auto bad = [&](const std::string& why) {
    return Status(Errc::kInvalidArgument, "record of \"" + instance.name + "\": " + why);
  };
  if (Status name = check_name(instance.name); !name.ok()) return bad("name " + name.message());
  if (Status version = check_name(instance.version); !instance.version.empty() && !version.ok())
    return bad("version " + version.message());
  if (Status id = check_name(instance.instance_id); !id.ok())
    return bad("instance id " + id.message());
  const auto address = split_address(instance.address);
  if (!address) return bad(address.error().message());
  if (address->host.empty()) return bad("address \"" + instance.address + "\" has no host");
  if (to_json(instance).size() >= 64 * 1024)
    return bad("as JSON it has 64 KiB or more; carry less metadata");
  return {};
}

std::string record_key(const Instance& instance) {
  const std::string version = instance.version.empty() ? "" : instance.version + "/";
  return instance.name + "/" + version + instance.instance_id;
}

bool Query::covers(std::string_view key) const {
  if (name.empty()) return instance_id.empty() || key.ends_with("/" + instance_id);
  const std::string prefix = version.empty() ? name + "/" : name + "/" + version + "/";
  return instance_id.empty() ? key.starts_with(prefix) : key == prefix + instance_id;
}

bool Query::matches(const Instance& instance) const {
  if (!name.empty() && instance.name != name) return false;
  if (!version.empty() && instance.version != version) return false;
  if (!instance_id.empty() && instance.instance_id != instance_id) return false;
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
