#include <boost/crc.hpp>
#include <brontes/discovery/detail/names.hpp>
#include <brontes/discovery/detail/snapshot_file.hpp>
#include <charconv>
#include <nlohmann/json.hpp>

namespace brontes::detail {
namespace {

using SnapshotJson = nlohmann::json;
using Milliseconds = std::chrono::milliseconds;

constexpr std::string_view kTitle = "brontes snapshot ";
constexpr int kVersion = 1;
constexpr std::string_view kChecksum = "crc32c ";

std::string checksum_of(std::string_view text) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(text.data(), text.size());
  std::string hex(8, '0');
  for (std::size_t i = 0; i < 8; ++i)
    hex[i] = "0123456789abcdef"[(crc.checksum() >> (28 - 4 * i)) & 15];
  return hex;
}

SnapshotJson to_json(const Query& query) {
  return {{"name", query.name},
          {"version", query.version},
          {"tags", query.tags},
          {"metadata", query.metadata},
          {"instance_id", query.instance_id}};
}

Query query_of(const SnapshotJson& json) {
  return {json.at("name").get<std::string>(), json.at("version").get<std::string>(),
          json.at("tags").get<std::map<std::string, std::string>>(),
          json.at("metadata").get<std::map<std::string, std::string>>(),
          json.at("instance_id").get<std::string>()};
}

Status damaged(const std::string& why) { return {Errc::kDataLoss, "it is damaged: " + why}; }

/// The next line, without its end; takes it off the text.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

Status check_title(std::string_view line) {
  if (!line.starts_with(kTitle)) return {Errc::kDataLoss, "it is no snapshot"};
  line.remove_prefix(kTitle.size());
  int version = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), version);
  if (error != std::errc{} || end != line.data() + line.size())
    return damaged("its first line has no version");
  if (version == kVersion) return {};
  return {Errc::kFailedPrecondition, "it is of version " + std::to_string(version) +
                                         "; this program reads version " +
                                         std::to_string(kVersion)};
}

/// Cuts the last line off, which must fit the rest.
Status check_sum(std::string_view& text) {
  const std::size_t line = kChecksum.size() + 9;
  if (text.size() < line || !text.ends_with('\n') ||
      !text.substr(text.size() - line).starts_with(kChecksum))
    return damaged("its end is missing");
  const std::string written(text.substr(text.size() - 9, 8));
  text.remove_suffix(line);
  if (written == checksum_of(text)) return {};
  return damaged("its checksum is not " + written);
}

/// Throws what nlohmann's JSON throws when a member is missing.
Expected<ArchivedSnapshot> read_lines(std::string_view text) {
  const SnapshotJson head = SnapshotJson::parse(take_line(text));
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->query = query_of(head.at("query"));
  snapshot->revision = head.at("revision").get<std::uint64_t>();
  snapshot->epoch = head.at("epoch").get<std::uint64_t>();
  snapshot->held = head.at("held").get<std::vector<std::string>>();
  snapshot->status = SnapshotStatus::kStale;
  while (!text.empty()) {
    auto instance = instance_from_json(take_line(text));
    if (!instance) return fail(damaged(instance.error().message()));
    snapshot->instances.push_back(std::make_shared<const Instance>(std::move(*instance)));
  }
  return ArchivedSnapshot{head.at("registry").get<std::string>(), std::move(snapshot),
                          WallTime(Milliseconds(head.at("proven_unix_ms").get<std::int64_t>()))};
}

}  // namespace

std::string encode_snapshot(const ArchivedSnapshot& what) {
  const Snapshot& snapshot = *what.snapshot;
  const auto proven = std::chrono::duration_cast<Milliseconds>(what.proven.time_since_epoch());
  const SnapshotJson head{{"registry", what.registry},     {"query", to_json(snapshot.query)},
                          {"revision", snapshot.revision}, {"epoch", snapshot.epoch},
                          {"held", snapshot.held},         {"proven_unix_ms", proven.count()}};
  std::string text = std::string(kTitle) + std::to_string(kVersion) + '\n';
  text += head.dump(-1, ' ', false, SnapshotJson::error_handler_t::replace) + '\n';
  for (const InstancePtr& instance : snapshot.instances) text += brontes::to_json(*instance) + '\n';
  return text + std::string(kChecksum) + checksum_of(text) + '\n';
}

Expected<ArchivedSnapshot> decode_snapshot(std::string_view text) {
  const std::string_view title = text.substr(0, text.find('\n'));
  if (Status status = check_title(title); !status.ok()) return fail(std::move(status));
  if (Status status = check_sum(text); !status.ok()) return fail(std::move(status));
  take_line(text);
  try {
    return read_lines(text);
  } catch (const SnapshotJson::exception& error) {
    return fail(damaged(error.what()));
  }
}

std::string snapshot_file_name(const std::string& registry, const Query& query) {
  const std::string all =
      registry + '\n' + to_json(query).dump(-1, ' ', true, SnapshotJson::error_handler_t::replace);
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : all) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string name;
  for (const std::string& part : {query.name, query.version})
    if (is_name(part)) name += part.substr(0, 64) + '-';
  for (int shift = 60; shift >= 0; shift -= 4) name += "0123456789abcdef"[(hash >> shift) & 15];
  return name + ".snapshot";
}

}  // namespace brontes::detail
