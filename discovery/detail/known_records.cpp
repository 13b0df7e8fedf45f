#include <algorithm>
#include <brontes/discovery/detail/known_records.hpp>
#include <utility>

namespace brontes::detail {
namespace {

/// Below 0, 0 or above 0, as std::string::compare of the known record's whole key has it.
int compare(const KnownRecord& known, std::string_view key) {
  const auto take = [&key](std::string_view part) {
    const int order = part.compare(key.substr(0, part.size()));
    key.remove_prefix(std::min(part.size(), key.size()));
    return order;
  };
  int order = 0;
  if (known.odd_key) {
    order = take(*known.odd_key);
  } else {
    const Instance& of = *known.instance;
    if (order == 0) order = take(of.name);
    if (order == 0) order = take("/");
    if (order == 0 && !of.version.empty()) order = take(of.version);
    if (order == 0 && !of.version.empty()) order = take("/");
    if (order == 0) order = take(of.instance_id);
  }
  return order != 0 ? order : key.empty() ? 0 : -1;
}

}  // namespace

bool ByRecordKey::operator()(const KnownRecord& a, const KnownRecord& b) const {
  return compare(a, b.key()) < 0;
}
bool ByRecordKey::operator()(const KnownRecord& a, std::string_view key) const {
  return compare(a, key) < 0;
}
bool ByRecordKey::operator()(std::string_view key, const KnownRecord& b) const {
  return compare(b, key) > 0;
}

KnownRecords::Set::const_iterator KnownRecords::place(std::string_view key) const {
  const bool last = records_.empty() || ByRecordKey{}(*records_.rbegin(), key);
  return last ? records_.end() : records_.lower_bound(key);
}

const KnownRecord* KnownRecords::find(std::string_view key) const {
  const auto at = place(key);
  return at != end() && !ByRecordKey{}(key, *at) ? &*at : nullptr;
}

void KnownRecords::put(const Record& record) {
  KnownRecord known{record.instance, record.revision};
  if (record.key != record_key(*record.instance))
    known.odd_key = std::make_unique<const std::string>(record.key);
  const auto at = place(record.key);
  if (at == end() || ByRecordKey{}(record.key, *at)) {
    records_.insert(at, std::move(known));
    return;
  }
  const auto after = std::next(at);
  auto node = records_.extract(at);
  node.value() = std::move(known);
  records_.insert(after, std::move(node));
}

bool KnownRecords::erase(std::string_view key) {
  const auto at = place(key);
  if (at == end() || ByRecordKey{}(key, *at)) return false;
  records_.erase(at);
  return true;
}

}  // namespace brontes::detail
