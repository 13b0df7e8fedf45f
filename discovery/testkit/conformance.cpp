#include <algorithm>
#include <brontes/discovery/testkit/detail/conformance_stage.hpp>
#include <iterator>
#include <utility>

namespace brontes {

bool RegistryUnderTest::expire(LeaseId, const std::vector<std::string>&) { return false; }
bool RegistryUnderTest::compact() { return false; }
bool RegistryUnderTest::offer(const std::vector<std::string>&) { return false; }

bool ConformanceReport::passed() const {
  return std::all_of(results.begin(), results.end(),
                     [](const ConformanceResult& each) { return each.passed(); });
}

std::string ConformanceReport::text() const {
  std::string text;
  for (const ConformanceResult& each : results) {
    if (each.passed() && each.not_promised.empty()) text += "ok " + each.name + '\n';
    if (each.passed() && !each.not_promised.empty())
      text += "-- " + each.name + ": " + each.not_promised + '\n';
    for (const std::string& failure : each.failures)
      text += "FAILED " + each.name + ": " + failure + '\n';
  }
  return text;
}

namespace {

using Body = std::function<void(detail::ConformanceStage&)>;
using Lacking = std::string (*)(const RegistryFeatures&);

ConformanceCase make_case(const std::string& name, Lacking lacking, Body body) {
  return {name, [name, lacking, body = std::move(body)](const MakeRegistry& make) {
            ConformanceResult result{name, {}, {}};
            detail::ConformanceStage stage(make, result);
            result.not_promised = lacking(stage.features());
            if (result.not_promised.empty()) body(stage);
            return result;
          }};
}

}  // namespace

std::vector<ConformanceCase> conformance_cases(const ConformanceOptions& options) {
  std::vector<ConformanceCase> all;
  for (const auto& some : {detail::read_cases(), detail::lease_cases(), detail::watch_cases()})
    for (const detail::CaseOf& each : some)
      all.push_back(make_case(each.name, each.lacking, each.run));
  for (std::uint32_t i = 0; i < options.seeds; ++i) {
    const std::uint32_t seed = options.first_seed + i;
    all.push_back(make_case("RandomSchedule_" + std::to_string(seed), detail::needs_nothing,
                            [seed, steps = options.steps](detail::ConformanceStage& stage) {
                              if (stage.features().writable)
                                detail::run_schedule(stage, seed, steps);
                              else
                                detail::run_offers(stage, seed, steps);
                            }));
  }
  return all;
}

ConformanceReport run_conformance(const MakeRegistry& make, const ConformanceOptions& options) {
  ConformanceReport report;
  for (const ConformanceCase& each : conformance_cases(options))
    report.results.push_back(each.run(make));
  return report;
}

namespace detail {

ConformanceStage::ConformanceStage(const MakeRegistry& make, ConformanceResult& result)
    : result_(result), hand_(make(system_)) {
  reopen();
}

void ConformanceStage::reopen() {
  client_.reset();
  open_ = hand_->registry();
  features_ = open_.features;
  client_ = std::make_unique<RegistryClient>(system_, open_.registry);
}

bool ConformanceStage::check(bool holds, const std::string& otherwise) {
  if (!holds) result_.failures.push_back(otherwise);
  return holds;
}

bool ConformanceStage::equal(const Texts& got, const Texts& wanted, const std::string& what) {
  const auto joined = [](const Texts& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
    return "{" + all + "}";
  };
  return check(got == wanted, what + ": " + joined(got) + ", not " + joined(wanted));
}

LeaseId ConformanceStage::grant(std::chrono::seconds ttl) {
  const auto granted = client_->grant(ttl);
  return answered(granted, "granting a lease") ? granted->lease : LeaseId{};
}

std::uint64_t ConformanceStage::put(LeaseId lease, const Instance& what) {
  const auto done = client_->put(lease, what);
  return answered(done, "putting " + record_key(what)) ? done->revision : 0;
}

RecordsListed ConformanceStage::list(const Query& query) {
  auto listed = client_->list(query);
  return answered(listed, "listing " + query.to_string()) ? std::move(*listed) : RecordsListed{};
}

Texts ConformanceStage::keys(const Query& query) {
  Texts result;
  for (const Record& record : list(query).records) result.push_back(record.key);
  std::sort(result.begin(), result.end());
  return result;
}

void ConformanceStage::watch(const Query& query, std::uint64_t after) {
  const auto started = client_->watch(query, after);
  if (answered(started, "watching " + query.to_string()))
    check(started->revision >= after, "the watch starts before the revision that was asked for");
}

void ConformanceStage::hears(const Texts& wanted) {
  Texts heard;
  for (const RecordEvent& event : client_->events(wanted.size()))
    heard.push_back((event.type == RecordEvent::Type::kRemoved ? "-" : "") + event.record.key);
  equal(heard, wanted, "the watch hears");
  equal(client_->violations(), {}, "and breaks rules");
}

std::string needs_writing(const RegistryFeatures& features) {
  return features.writable ? "" : "it cannot be written";
}
std::string needs_watching(const RegistryFeatures& features) {
  if (!features.writable) return "it cannot be written";
  return features.watchable && features.revisions ? "" : "it cannot be watched by revision";
}
std::string needs_reading_only(const RegistryFeatures& features) {
  return features.writable ? "it can be written" : "";
}
std::string needs_nothing(const RegistryFeatures&) { return ""; }

}  // namespace detail
}  // namespace brontes
