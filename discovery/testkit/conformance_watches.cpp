// The facts about watches.
#include <brontes/discovery/testkit/detail/conformance_stage.hpp>

namespace brontes::detail {
namespace {

constexpr const char* kNoForgetting = "it has no hand that forgets the history";

void the_put_of_the_same_says_from_where_to_watch_on(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  stage.put(lease, sample_instance("a"));
  stage.put(lease, sample_instance("b"));
  if (!stage.hand().compact()) return stage.lacks(kNoForgetting);
  stage.watch({"svc", "", {}, {}, "a"}, stage.put(lease, sample_instance("a")));
  stage.put(lease, sample_instance("b"));
  stage.answered(stage.client().remove(lease, "svc/a"), "removing a record");
  stage.hears({"-svc/a"});
}

void a_watch_hears_what_came_after_its_revision(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  const auto first = stage.put(lease, sample_instance("a"));
  stage.put(lease, sample_instance("b"));
  stage.watch({"svc"}, first);
  Instance drained = sample_instance("a");
  drained.healthy = false;
  stage.put(lease, drained);
  stage.answered(stage.client().remove(lease, "svc/a"), "removing a record");
  const auto events = stage.client().events(3);
  if (!stage.check(events.size() == 3, "not three events")) return;
  stage.check(events[0].record.key == "svc/b", "the put of svc/b is not the first");
  stage.check(events[1].record.instance && *events[1].record.instance == drained,
              "the second is not the changed svc/a");
  stage.check(events[2].type == RecordEvent::Type::kRemoved, "the third is no removal");
  stage.equal(stage.client().violations(), {}, "the watch breaks rules");
}

void a_watch_hears_its_query_only(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  stage.watch({"svc", "v1"}, stage.list().revision);
  stage.put(lease, sample_instance("a", "svc2", "v1"));
  stage.put(lease, sample_instance("b", "svc", "v2"));
  stage.put(lease, sample_instance("c", "svc", "v10"));
  stage.put(lease, sample_instance("d", "svc", "v1"));
  stage.hears({"svc/v1/d"});
}

void a_stopped_watch_resumes_without_gap_or_repetition(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  stage.watch({"svc"}, stage.list().revision);
  stage.put(lease, sample_instance("a"));
  stage.hears({"svc/a"});
  stage.client().stop_watching();
  stage.put(lease, sample_instance("b"));
  stage.answered(stage.client().remove(lease, "svc/a"), "removing a record");
  stage.answered(stage.client().resume({"svc"}), "resuming");
  stage.hears({"svc/b", "-svc/a"});
}

void a_watch_of_forgotten_history_is_out_of_range(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  const auto first = stage.put(lease, sample_instance("a"));
  // The very next change is lost with the history: the watch must not go on as if nothing was.
  stage.answered(stage.client().remove(lease, "svc/a"), "removing a record");
  if (!stage.hand().compact()) return stage.lacks(kNoForgetting);
  const auto started = stage.client().watch({"svc"}, first);
  const Status why = started ? stage.client().why_broken() : started.error();
  stage.check(why.code() == Errc::kOutOfRange, "the watch says " + why.to_string());
  stage.watch({"svc"}, stage.list().revision);
  stage.put(lease, sample_instance("b"));
  stage.hears({"svc/b"});
}

}  // namespace

std::vector<CaseOf> watch_cases() {
  return {
      {"ThePutOfTheSameSaysFromWhereToWatchOn", needs_watching,
       the_put_of_the_same_says_from_where_to_watch_on},
      {"AWatchHearsWhatCameAfterItsRevision", needs_watching,
       a_watch_hears_what_came_after_its_revision},
      {"AWatchHearsItsQueryOnly", needs_watching, a_watch_hears_its_query_only},
      {"AStoppedWatchResumesWithoutGapOrRepetition", needs_watching,
       a_stopped_watch_resumes_without_gap_or_repetition},
      {"AWatchOfForgottenHistoryIsOutOfRange", needs_watching,
       a_watch_of_forgotten_history_is_out_of_range},
  };
}

}  // namespace brontes::detail
