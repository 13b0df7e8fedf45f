#include <algorithm>
#include <array>
#include <brontes/discovery/snapshot.hpp>
#include <brontes/tools/cli/output.hpp>
#include <cstdio>

namespace brontes::cli {
namespace {

const char* name_of(SnapshotStatus status) {
  switch (status) {
    case SnapshotStatus::kPending:
      return "pending";
    case SnapshotStatus::kLive:
      return "live";
    case SnapshotStatus::kStale:
      return "stale";
  }
  return "pending";
}

using Row = std::array<std::string, 6>;

Row row_of(const Instance& instance) {
  return {instance.name.empty() ? "-" : instance.name,  // static: registries know addresses only
          instance.version.empty() ? "-" : instance.version,
          instance.address,
          std::to_string(instance.weight),
          instance.healthy ? "yes" : "drained",
          instance.instance_id};
}

}  // namespace

Output::Output(bool json, const Clock& clock) : json_(json), clock_(clock), start_(clock.now()) {}

void Output::event(std::string_view name, const Json& fields, std::string_view text) {
  std::string line(text);
  if (json_) {
    Json object{
        {"event", name},
        {"at_ms",
         std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - start_).count()}};
    object.update(fields);
    // Texts of foreign servers may hold anything.
    line = object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

void complain(std::string_view text) {
  std::string line("brontes: ");
  for (const char c : text)
    if (c != '\n' && c != '\r')
      line += c;
    else if (line.back() != ' ')
      line += ' ';
  std::fprintf(stderr, "%s\n", line.c_str());
}

Json to_fields(const Snapshot& snapshot) {
  Json instances = Json::array();
  for (const InstancePtr& instance : snapshot.instances)
    instances.push_back(Json::parse(to_json(*instance), nullptr, false));
  return {{"revision", snapshot.revision},
          {"epoch", snapshot.epoch},
          {"status", name_of(snapshot.status)},
          {"instances", std::move(instances)}};
}

std::string to_line(const Instance& instance) {
  const std::string service = instance.name.empty() ? "-" : instance.name;
  return service + (instance.version.empty() ? "" : "/" + instance.version) + " at " +
         instance.address + " (" + instance.instance_id + "), weight " +
         std::to_string(instance.weight) + (instance.healthy ? "" : ", drained");
}

std::string to_table(const Snapshot& snapshot) {
  std::vector<Row> rows{{"NAME", "VERSION", "ADDRESS", "WEIGHT", "HEALTHY", "ID"}};
  for (const InstancePtr& instance : snapshot.instances) rows.push_back(row_of(*instance));
  std::array<std::size_t, 6> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (Row& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      row[i].resize(widths[i] + 2, ' ');
      text += row[i];
    }
    text += row.back() + "\n";
  }
  return text;
}

}  // namespace brontes::cli
