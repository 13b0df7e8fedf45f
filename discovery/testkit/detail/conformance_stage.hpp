// What a conformance case has at hand: the registry under test, a client of it, and a place for
// complaints.
#pragma once

#include <brontes/discovery/testkit/conformance.hpp>
#include <brontes/discovery/testkit/registry_client.hpp>
#include <memory>
#include <string>
#include <vector>

namespace brontes::detail {

using Texts = std::vector<std::string>;

class ConformanceStage {
 public:
  ConformanceStage(const MakeRegistry& make, ConformanceResult& result);

  RegistryUnderTest& hand() { return *hand_; }
  RegistryClient& client() { return *client_; }
  const RegistryFeatures& features() const { return features_; }
  /// Asks what registry() gives now.
  void reopen();

  /// Notes a failure unless it holds; whether it does.
  bool check(bool holds, const std::string& otherwise);
  bool equal(const Texts& got, const Texts& wanted, const std::string& what);
  /// Of an answer: it must be an error of that code.
  template <class Reply>
  bool refused(const Expected<Reply>& answer, Errc code, const std::string& what) {
    const Errc got = answer ? Errc::kOk : answer.error().code();
    return check(got == code, what + " gives " + std::string(to_string(got)) + ", not " +
                                  std::string(to_string(code)));
  }
  /// It must be one.
  template <class Reply>
  bool answered(const Expected<Reply>& answer, const std::string& what) {
    return check(answer.has_value(),
                 what + " fails: " + (answer ? "" : answer.error().to_string()));
  }
  bool failed() const { return !result_.failures.empty(); }
  /// The hand that this case needs is missing.
  void lacks(std::string what) { result_.not_promised = std::move(what); }

  LeaseId grant(std::chrono::seconds ttl = std::chrono::seconds(60));
  std::uint64_t put(LeaseId lease, const Instance& what);
  RecordsListed list(const Query& query = {"svc"});
  Texts keys(const Query& query = {"svc"});
  void watch(const Query& query, std::uint64_t after);
  /// So many events, of which these are the keys; "-KEY": removed.
  void hears(const Texts& wanted);

 private:
  ConformanceResult& result_;
  System system_{{.threads = 2}};
  std::unique_ptr<RegistryUnderTest> hand_;
  RegistryFeatures features_;
  OpenRegistry open_;
  std::unique_ptr<RegistryClient> client_;
};

/// A case: for whom, and what.
struct CaseOf {
  const char* name;
  /// "": it is promised; else what is not.
  std::string (*lacking)(const RegistryFeatures&);
  void (*run)(ConformanceStage&);
};

std::vector<CaseOf> lease_cases();
std::vector<CaseOf> watch_cases();
std::vector<CaseOf> read_cases();
void run_schedule(ConformanceStage& stage, std::uint32_t seed, int steps);
void run_offers(ConformanceStage& stage, std::uint32_t seed, int steps);

/// What makes a case one of registries that can be written, watched, only read.
std::string needs_writing(const RegistryFeatures& features);
std::string needs_watching(const RegistryFeatures& features);
std::string needs_reading_only(const RegistryFeatures& features);
std::string needs_nothing(const RegistryFeatures& features);

}  // namespace brontes::detail
