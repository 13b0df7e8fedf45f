// The facts about lists, and about what a registry says that it cannot do.
#include <algorithm>
#include <brontes/discovery/testkit/detail/conformance_stage.hpp>
#include <tuple>

namespace brontes::detail {
namespace {

constexpr const char* kNoOffer = "nothing can be put into it by hand";

void queries_find_what_they_name(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  for (const auto& [id, name, version] :
       {std::tuple{"a", "svc", ""}, {"b", "svc", "v1"}, {"c", "svc", "v2"}, {"d", "svc2", "v1"}})
    stage.put(lease, sample_instance(id, name, version));
  const auto finds = [&](const Query& query, const Texts& wanted) {
    stage.equal(stage.keys(query), wanted, "\"" + query.to_string() + "\" finds");
  };
  finds({"svc"}, {"svc/a", "svc/v1/b", "svc/v2/c"});
  finds({"svc", "v1"}, {"svc/v1/b"});
  finds({"svc", "v1", {}, {}, "b"}, {"svc/v1/b"});
  finds({"svc", "", {}, {}, "a"}, {"svc/a"});
  finds({"svc", "v1", {}, {}, "c"}, {});
  finds({"sv"}, {});
  if (stage.features().lists_all) finds({}, {"svc/a", "svc/v1/b", "svc/v2/c", "svc2/v1/d"});
}

void what_is_declared_away_is_refused(ConformanceStage& stage) {
  RegistryClient& client = stage.client();
  if (!stage.features().writable) {
    const auto granted = client.grant();
    stage.refused(granted, Errc::kUnimplemented, "granting a lease");
    stage.check(granted || granted.error().message().size() > 20, "the refusal gives no reason");
    stage.refused(client.put({1}, sample_instance("a")), Errc::kUnimplemented, "a put");
    stage.refused(client.renew({1}), Errc::kUnimplemented, "a renewal");
  }
  if (!stage.features().watchable)
    stage.refused(client.watch({"svc"}, 0), Errc::kUnimplemented, "a watch");
  if (!stage.features().lists_all)
    stage.refused(client.list({}), Errc::kUnimplemented, "a list of all services");
}

Texts addresses(ConformanceStage& stage, const Query& query) {
  Texts result;
  for (const Record& record : stage.list(query).records) {
    result.push_back(record.instance->address);
    stage.check(query.covers(record.key), record.key + " is listed for " + query.to_string());
    stage.check(record_key(*record.instance) == record.key, record.key + " is not its record's");
  }
  std::sort(result.begin(), result.end());
  return result;
}

bool offer(ConformanceStage& stage, const Texts& addresses) {
  if (!stage.hand().offer(addresses)) return false;
  stage.reopen();
  return true;
}

void what_is_there_is_listed_with_the_names_asked_for(ConformanceStage& stage) {
  const Texts there{"127.0.0.1:80", "127.0.0.2:80"};
  if (!offer(stage, there)) return stage.lacks(kNoOffer);
  stage.equal(addresses(stage, {"svc"}), there, "listed");
  const RecordsListed listed = stage.list();
  if (!stage.check(!listed.records.empty(), "nothing is listed")) return;
  const std::string id = listed.records[0].instance->instance_id;
  const RecordsListed one = stage.list({"svc", "", {}, {}, id});
  stage.check(one.records.size() == 1 && one.records[0].instance->instance_id == id,
              "its id does not find exactly " + id);
}

void names_that_nobody_has_are_empty_where_names_count(ConformanceStage& stage) {
  if (!offer(stage, {"127.0.0.1:80"})) return stage.lacks(kNoOffer);
  if (stage.features().names)
    stage.equal(addresses(stage, {"other"}), {}, "listed under another name");
  else
    stage.equal(addresses(stage, {"other"}), {"127.0.0.1:80"}, "listed under any name");
}

}  // namespace

void run_offers(ConformanceStage& stage, std::uint32_t seed, int steps) {
  std::uint64_t random = seed;
  for (int i = 0; i < steps && !stage.failed(); ++i) {
    Texts there;
    for (int host = 1; host < 10; ++host) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      if ((random >> 33) % 3 == 0) there.push_back("127.0.0." + std::to_string(host) + ":80");
    }
    if (!offer(stage, there)) {
      if (there.empty()) continue;  // some cannot be empty
      return stage.lacks(kNoOffer);
    }
    stage.equal(addresses(stage, {"svc"}), there, "listed at step " + std::to_string(i));
  }
}

std::vector<CaseOf> read_cases() {
  return {
      {"WhatIsDeclaredAwayIsRefused", needs_nothing, what_is_declared_away_is_refused},
      {"QueriesFindWhatTheyName", needs_writing, queries_find_what_they_name},
      {"WhatIsThereIsListedWithTheNamesAskedFor", needs_reading_only,
       what_is_there_is_listed_with_the_names_asked_for},
      {"NamesThatNobodyHasAreEmptyWhereNamesCount", needs_reading_only,
       names_that_nobody_has_are_empty_where_names_count},
  };
}

}  // namespace brontes::detail
