// What every registry can be asked, as messages. One actor per registry URL answers them.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/clock.hpp>
#include <brontes/discovery/instance.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace brontes {

struct LeaseId {
  std::int64_t value = 0;  ///< 0: none
  friend auto operator<=>(const LeaseId&, const LeaseId&) = default;
};
struct WatchId {
  std::uint64_t value = 0;  ///< chosen by the watcher, unique for it
  friend auto operator<=>(const WatchId&, const WatchId&) = default;
};

/// A record as it stands in the registry. The key decides what it is a record of.
struct Record {
  std::string key;  ///< "name/version/id" or "name/id"
  InstancePtr instance;
  std::uint64_t revision = 0;  ///< of its last change
};

/// A timed claim; all records put under it vanish when it is not renewed within `ttl`.
struct GrantLease {
  std::chrono::seconds ttl{15};
};
struct LeaseGranted {
  LeaseId lease;
  std::chrono::seconds ttl{15};  ///< may differ from what was asked
};

/// Idempotent: the same record again is a no-op. kNotFound: the lease is gone. kAlreadyExists: a
/// newer incarnation holds the key; never fight it.
struct PutRecord {
  LeaseId lease;
  Instance instance;
};
struct RecordPut {
  std::string key;
  std::uint64_t revision = 0;  ///< the registry's when the record stood there: watch on from it
};

/// kNotFound: the lease is gone, with all that was under it.
struct RenewLease {
  LeaseId lease;
};
struct LeaseRenewed {
  LeaseId lease;
  std::chrono::seconds ttl{15};
};

/// Removes the lease and its records. Fine if it is gone already.
struct RevokeLease {
  LeaseId lease;
};
/// Removes one record, if it is still under that lease. Fine if it is gone already.
struct RemoveRecord {
  LeaseId lease;
  std::string key;
};

/// All records of a query, consistent at one revision. No records is a good answer. Name, version
/// and id are the registry's to filter by; it may leave tags and metadata to whoever asks.
struct ListRecords {
  Query query;
};
struct RecordsListed {
  std::uint64_t revision = 0;
  std::uint64_t epoch = 1;  ///< another one when the registry lost its history, if it can tell
  std::vector<Record> records;
  /// Where it cannot be watched: list again after it; 0: the registry does not know.
  Duration good_for{};
};

/// One change; `instance` of a removal is the last known state, or null. That of a put is null when
/// what was put cannot be read: keep what you know of the key; its owner will put it right.
struct RecordEvent {
  enum class Type { kPut, kRemoved };
  Type type = Type::kPut;
  Record record;
};

/// Changes of one or more whole revisions, in order. All are newer than what was sent before.
struct RecordsChanged {
  WatchId watch;
  std::uint64_t revision = 0;  ///< of the last change in it
  std::vector<RecordEvent> events;
};
/// The watch is over. kOutOfRange: the history after the asked revision is gone, list anew. Any
/// other code: open it again from the last revision seen.
struct WatchBroken {
  WatchId watch;
  Status cause;
};
/// The registry confirms that nothing is missing up to this revision. Optional.
struct WatchProgress {
  WatchId watch;
  std::uint64_t revision = 0;
};

}  // namespace brontes

BRONTES_MESSAGE(brontes::RecordsChanged)
BRONTES_MESSAGE(brontes::WatchBroken)
BRONTES_MESSAGE(brontes::WatchProgress)

namespace brontes {

/// Who is told about changes. Messages of a watch come in order, from one sender.
using Watcher = Interface<void(RecordsChanged), void(WatchBroken), void(WatchProgress)>;

/// All changes after `after_revision`, from then on. Answered once it is established; the watcher
/// then hears RecordsChanged until WatchBroken (last message) or StopWatch.
struct WatchRecords {
  WatchId watch;
  Query query;
  std::uint64_t after_revision = 0;
  Watcher watcher;
};
struct WatchStarted {
  WatchId watch;
  std::uint64_t revision = 0;  ///< the registry's current one
  std::uint64_t epoch = 1;     ///< as in RecordsListed
};
/// Idempotent. Messages already sent may still arrive.
struct StopWatch {
  WatchId watch;
  Watcher watcher;
};

}  // namespace brontes

BRONTES_MESSAGE(brontes::GrantLease)
BRONTES_MESSAGE(brontes::LeaseGranted)
BRONTES_MESSAGE(brontes::PutRecord)
BRONTES_MESSAGE(brontes::RecordPut)
BRONTES_MESSAGE(brontes::RenewLease)
BRONTES_MESSAGE(brontes::LeaseRenewed)
BRONTES_MESSAGE(brontes::RevokeLease)
BRONTES_MESSAGE(brontes::RemoveRecord)
BRONTES_MESSAGE(brontes::ListRecords)
BRONTES_MESSAGE(brontes::RecordsListed)
BRONTES_MESSAGE(brontes::WatchRecords)
BRONTES_MESSAGE(brontes::WatchStarted)
BRONTES_MESSAGE(brontes::StopWatch)

namespace brontes {

/// Every answer may also be an error: kUnavailable (try again), kDeadlineExceeded (the outcome is
/// unknown: repeat, writes are idempotent), kUnimplemented (see RegistryFeatures). Nothing blocks;
/// a registry keeps at most a bounded number of unanswered requests (kResourceExhausted beyond).
using Registry = Interface<LeaseGranted(GrantLease), RecordPut(PutRecord), LeaseRenewed(RenewLease),
                           void(RevokeLease), void(RemoveRecord), RecordsListed(ListRecords),
                           WatchStarted(WatchRecords), void(StopWatch)>;

/// What a kind of registry can do. What it cannot is answered with kUnimplemented.
struct RegistryFeatures {
  bool writable = true;            ///< grant, put, renew, revoke, remove
  bool watchable = true;           ///< otherwise the watch loop polls
  bool revisions = true;           ///< changes are numbered; otherwise `revision` counts answers
  bool leases_end_at_once = true;  ///< the records of a lease leave in one revision
  bool lists_all = true;           ///< a query without a name is answered
  bool names = true;               ///< records belong to names; otherwise any name has them all
};

}  // namespace brontes
