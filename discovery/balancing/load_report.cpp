#include <google/protobuf/unknown_field_set.h>

#include <algorithm>
#include <bit>
#include <brontes/discovery/balancing/load_report.hpp>
#include <cstdint>

namespace brontes {
namespace {

constexpr int kCpuUtilization = 1, kApplicationUtilization = 9;

}  // namespace

std::string to_bytes(const LoadReport& report) {
  google::protobuf::UnknownFieldSet fields;
  fields.AddFixed64(kCpuUtilization, std::bit_cast<std::uint64_t>(report.cpu));
  std::string bytes;
  if (!fields.SerializeToString(&bytes)) bytes.clear();
  return bytes;
}

std::optional<LoadReport> read_load_report(std::string_view bytes) {
  google::protobuf::UnknownFieldSet fields;
  if (!fields.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return {};
  double cpu = -1, application = -1;
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = fields.field(i);
    if (field.type() != google::protobuf::UnknownField::TYPE_FIXED64) continue;
    const auto value = std::bit_cast<double>(field.fixed64());
    if (field.number() == kCpuUtilization) cpu = value;
    if (field.number() == kApplicationUtilization) application = value;
  }
  const double used = application > 0 ? application : cpu;
  if (!(used >= 0)) return {};  // nor is it a number
  return LoadReport{std::min(used, 1.0)};
}

}  // namespace brontes
