// The facts about leases and records.
#include <brontes/discovery/testkit/detail/conformance_stage.hpp>

namespace brontes::detail {
namespace {

using namespace std::chrono_literals;

constexpr const char* kNoExpiry = "it has no hand that ends a lease";

void a_lease_is_granted_and_renewed(ConformanceStage& stage) {
  const auto granted = stage.client().grant(30s);
  if (!stage.answered(granted, "granting a lease")) return;
  stage.check(granted->lease != LeaseId{}, "the lease has no id");
  stage.check(granted->ttl == 30s, "the ttl is not what was asked for");
  const auto renewed = stage.client().renew(granted->lease);
  if (!stage.answered(renewed, "renewing it")) return;
  stage.check(renewed->lease == granted->lease, "another lease was renewed");
  stage.check(renewed->ttl == 30s, "the ttl is another one after renewing");
}

void a_ttl_below_one_second_is_refused(ConformanceStage& stage) {
  stage.refused(stage.client().grant(0s), Errc::kInvalidArgument, "a ttl of 0");
}

void a_lease_that_is_gone_is_not_found(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  stage.put(lease, sample_instance("a"));
  if (!stage.hand().expire(lease, {"a"})) return stage.lacks(kNoExpiry);
  stage.equal(stage.keys(), {}, "listed after its lease ended");
  stage.refused(stage.client().renew(lease), Errc::kNotFound, "renewing it");
  stage.refused(stage.client().put(lease, sample_instance("a")), Errc::kNotFound, "a put under it");
  stage.answered(stage.client().revoke(lease), "revoking it");
  stage.answered(stage.client().remove(lease, "svc/a"), "removing a record of it");
}

void a_lease_lapses_with_its_records_unless_renewed(ConformanceStage& stage) {
  stage.put(stage.grant(), sample_instance("kept"));
  const LeaseId lease = stage.grant(2s);
  const auto revision = stage.put(lease, sample_instance("a"));
  if (stage.features().watchable && stage.features().revisions) {
    stage.watch({"svc"}, revision);
    stage.hears({"-svc/a"});
    stage.equal(stage.keys(), {"svc/kept"}, "listed then");
  } else {
    stage.lacks("it cannot be watched, and nothing here waits by the clock");
  }
}

void a_record_comes_back_as_it_was_put(ConformanceStage& stage) {
  Instance whole = sample_instance("a", "svc", "v1");
  whole.network = "udp";
  whole.naming_address = "svc.local";
  whole.weight = 7;
  whole.protocol = "HTTP";
  whole.healthy = false;
  whole.created = "2024-01-01 00:00:00";
  whole.metadata["text"] = "a<b>&c \"\\ \xc3\xa9 \x01";
  whole.metadata["json"].text = "{\"a\":[1,2.5,null]}";
  whole.metadata["json"].is_json = true;
  whole.tags["zone"] = "a b";
  const auto revision = stage.put(stage.grant(), whole);
  const RecordsListed listed = stage.list();
  if (!stage.check(listed.records.size() == 1, "not one record is listed")) return;
  const Instance& back = *listed.records[0].instance;
  stage.check(back == whole, "it is another one: " + to_json(back) + ", not " + to_json(whole));
  stage.check(listed.records[0].revision == revision || !stage.features().revisions,
              "its revision is not that of the put");
  stage.check(listed.revision >= revision, "the list is older than its record");
}

void a_record_that_cannot_be_is_not_written(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  const auto refuse = [&](const Instance& what, const std::string& why) {
    stage.refused(stage.client().put(lease, what), Errc::kInvalidArgument, why);
  };
  refuse(sample_instance("a/b"), "an id with a slash");
  refuse(sample_instance("a", "s vc"), "a name with a blank");
  Instance nowhere = sample_instance("a");
  nowhere.address = "host";
  refuse(nowhere, "an address without a port");
  stage.equal(stage.keys(), {}, "listed nonetheless");
}

void the_put_of_the_same_is_no_change(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  const auto first = stage.put(lease, sample_instance("a"));
  stage.check(stage.put(lease, sample_instance("a")) >= first, "the revision went back");
  const RecordsListed before = stage.list();
  if (!stage.check(before.records.size() == 1, "not one record is listed")) return;
  if (stage.features().revisions)
    stage.check(before.records[0].revision == first, "putting the same changed the revision");
  Instance other = sample_instance("a");
  other.weight = 5;
  const auto second = stage.put(lease, other);
  if (stage.features().revisions)
    stage.check(second > first, "a change has no revision of its own");
  const RecordsListed after = stage.list();
  stage.check(after.records.size() == 1 && after.records[0].instance->weight == 5,
              "the change is not listed");
}

void an_older_incarnation_never_overwrites_a_newer_one(ConformanceStage& stage) {
  stage.put(stage.grant(), sample_instance("a", "svc", "", 5));
  stage.refused(stage.client().put(stage.grant(), sample_instance("a", "svc", "", 4)),
                Errc::kAlreadyExists, "the put of an older one");
  stage.put(stage.grant(), sample_instance("a", "svc", "", 6));
  const RecordsListed listed = stage.list();
  stage.check(listed.records.size() == 1 && incarnation(*listed.records[0].instance) == 6,
              "the newest is not what is listed");
}

void only_what_is_under_that_lease_is_removed(ConformanceStage& stage) {
  const LeaseId old = stage.grant(), young = stage.grant();
  stage.put(old, sample_instance("a", "svc", "", 1));
  stage.put(young, sample_instance("a", "svc", "", 2));
  stage.answered(stage.client().remove(old, "svc/a"), "removing by the old lease");
  stage.answered(stage.client().revoke(old), "revoking the old lease");
  stage.equal(stage.keys(), {"svc/a"}, "listed after the old lease ended");
  stage.answered(stage.client().remove(young, "svc/a"), "removing by the young lease");
  stage.answered(stage.client().remove(young, "svc/a"), "removing again");
  stage.equal(stage.keys(), {}, "listed after it was removed");
}

void a_lease_ends_in_one_revision_where_that_is_promised(ConformanceStage& stage) {
  const LeaseId lease = stage.grant();
  stage.put(lease, sample_instance("a"));
  stage.watch({"svc"}, stage.put(lease, sample_instance("b")));
  stage.answered(stage.client().revoke(lease), "revoking the lease");
  const auto events = stage.client().events(2);
  if (!stage.check(events.size() == 2, "not two events")) return;
  for (const RecordEvent& event : events)
    stage.check(event.type == RecordEvent::Type::kRemoved, event.record.key + " is not removed");
  if (stage.features().leases_end_at_once)
    stage.check(events[0].record.revision == events[1].record.revision, "in two revisions");
}

}  // namespace

std::vector<CaseOf> lease_cases() {
  return {
      {"ALeaseIsGrantedAndRenewed", needs_writing, a_lease_is_granted_and_renewed},
      {"ATtlBelowOneSecondIsRefused", needs_writing, a_ttl_below_one_second_is_refused},
      {"ALeaseThatIsGoneIsNotFound", needs_writing, a_lease_that_is_gone_is_not_found},
      {"ALeaseLapsesWithItsRecordsUnlessRenewed", needs_writing,
       a_lease_lapses_with_its_records_unless_renewed},
      {"ARecordComesBackAsItWasPut", needs_writing, a_record_comes_back_as_it_was_put},
      {"ARecordThatCannotBeIsNotWritten", needs_writing, a_record_that_cannot_be_is_not_written},
      {"ThePutOfTheSameIsNoChange", needs_writing, the_put_of_the_same_is_no_change},
      {"AnOlderIncarnationNeverOverwritesANewerOne", needs_writing,
       an_older_incarnation_never_overwrites_a_newer_one},
      {"OnlyWhatIsUnderThatLeaseIsRemoved", needs_writing,
       only_what_is_under_that_lease_is_removed},
      {"ALeaseEndsInOneRevisionWhereThatIsPromised", needs_watching,
       a_lease_ends_in_one_revision_where_that_is_promised},
  };
}

}  // namespace brontes::detail
