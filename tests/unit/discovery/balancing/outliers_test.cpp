// Ejection, panic and slow start, as the load balancer does them under virtual time.
#include <numeric>

#include "load_balancer_world.hpp"

namespace brontes::testing {
namespace {

using Addresses = std::set<std::string>;

struct OutlierScenario : LoadBalancerScenario {
  /// Endpoints "a:1", "b:1" and so on, READY.
  void begin(int count) {
    start();
    std::vector<InstancePtr> all;
    for (int i = 0; i < count; ++i) all.push_back(instance(address(i)));
    resolve(all);
    for (int i = 0; i < count; ++i) report(address(i), Connectivity::kReady);
  }
  static std::string address(int number) {
    return std::string(1, static_cast<char>('a' + number)) + ":1";
  }
  CallStats& stats(const std::string& address) {
    for (const Candidate& each : published->get()->candidates())
      if (each.endpoint->address() == address) known[address] = each.endpoint->shared_stats();
    return *known.at(address);
  }
  void calls(const std::string& to, int count, Errc code = Errc::kOk) {
    auto& of = stats(to);
    for (int i = 0; i < count; ++i) of.end(of.begin(), code);
    run();
  }
  bool is_picked(const std::string& address) const { return picked().contains(address); }

  std::map<std::string, std::shared_ptr<CallStats>> known;
};

TEST_F(OutlierScenario, FiveFailuresInARowEjectAtOnceFourDoNot) {
  begin(3);
  calls("a:1", 4, Errc::kUnavailable);
  EXPECT_TRUE(is_picked("a:1"));
  calls("a:1", 1);
  calls("a:1", 4, Errc::kUnavailable);
  EXPECT_TRUE(is_picked("a:1"));
  calls("a:1", 1, Errc::kUnavailable);
  EXPECT_EQ(picked(), (Addresses{"b:1", "c:1"}));
}

TEST_F(OutlierScenario, ErrorsOfTheCallerEjectNobody) {
  begin(3);
  calls("a:1", 1000, Errc::kNotFound);
  calls("b:1", 1000, Errc::kCancelled);
  advance(20s);
  EXPECT_EQ(picked().size(), 3u);
}

TEST_F(OutlierScenario, WhoIsFullIsHalfABrokenOne) {
  begin(3);
  calls("a:1", 9, Errc::kResourceExhausted);
  EXPECT_TRUE(is_picked("a:1"));
  calls("a:1", 1, Errc::kResourceExhausted);
  EXPECT_FALSE(is_picked("a:1"));
  calls("b:1", 4, Errc::kUnavailable);
  calls("b:1", 1, Errc::kResourceExhausted);
  EXPECT_EQ(stats("b:1").failed_in_a_row(), 4u);
}

TEST_F(OutlierScenario, WhoIsFullIsComparedByHalf) {
  begin(8);
  advance(10s);
  // 90 % full is 45 % failed: too little to be out by share alone, and all others are the same.
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 20; ++j) {
      calls(address(i), 9, Errc::kResourceExhausted);
      calls(address(i), 1);
    }
  advance(11s);
  EXPECT_EQ(picked().size(), 8u);
}

TEST_F(OutlierScenario, TheEjectedReturnsAndStaysAwayLongerTheNextTime) {
  begin(3);
  calls("a:1", 5, Errc::kInternal);
  advance(29s);
  EXPECT_FALSE(is_picked("a:1"));
  advance(5s);  // 30 s, a tenth more at most, and a look a second
  EXPECT_TRUE(is_picked("a:1"));
  calls("a:1", 4, Errc::kInternal);
  EXPECT_TRUE(is_picked("a:1"));  // the old failures are forgiven
  calls("a:1", 1, Errc::kInternal);
  calls("a:1", 5, Errc::kInternal);
  EXPECT_FALSE(is_picked("a:1"));
  advance(40s);
  EXPECT_FALSE(is_picked("a:1"));
  advance(30s);
  EXPECT_TRUE(is_picked("a:1"));
}

TEST_F(OutlierScenario, ANewProcessAtTheAddressStartsWithAWhiteSheet) {
  begin(3);
  calls("a:1", 5, Errc::kInternal);
  resolve({instance("a:1", "2"), instance("b:1"), instance("c:1")});
  EXPECT_TRUE(is_picked("a:1"));
}

TEST_F(OutlierScenario, SoDoesANewConnection) {
  begin(3);
  calls("a:1", 8, Errc::kUnavailable);  // all that were in flight when it was killed
  report("a:1", Connectivity::kIdle);
  report("a:1", Connectivity::kReady);
  EXPECT_TRUE(is_picked("a:1"));
  calls("b:1", 5, Errc::kUnavailable);  // a reason to look at all of them
  EXPECT_TRUE(is_picked("a:1"));
  EXPECT_FALSE(is_picked("b:1"));
}

TEST_F(OutlierScenario, OneOfTwoMayBeOutButNeverTheLast) {
  begin(2);
  calls("a:1", 5, Errc::kUnavailable);
  EXPECT_EQ(picked(), Addresses{"b:1"});
  calls("b:1", 5, Errc::kUnavailable);
  EXPECT_EQ(picked(), Addresses{"b:1"});
}

TEST_F(OutlierScenario, AtMostATenthIsOut) {
  begin(20);
  for (const char* address : {"a:1", "b:1", "c:1", "d:1"}) calls(address, 5, Errc::kUnavailable);
  EXPECT_EQ(picked().size(), 18u);
}

TEST_F(OutlierScenario, WhoSucceedsFarLessThanTheOthersIsEjected) {
  begin(8);
  advance(10s);  // the next interval
  for (int i = 0; i < 8; ++i) calls(address(i), 200);
  for (int i = 0; i < 20; ++i) {  // never five in a row
    calls("c:1", 3, Errc::kInternal);
    calls("c:1", 1);
  }
  advance(11s);
  EXPECT_FALSE(is_picked("c:1"));
  EXPECT_EQ(picked().size(), 7u);
}

TEST_F(OutlierScenario, WhenLessThanHalfCouldBePickedNobodyIsEjected) {
  begin(4);
  calls("a:1", 5, Errc::kUnavailable);
  EXPECT_FALSE(is_picked("a:1"));
  report("b:1", Connectivity::kFailing);  // two of four: half
  EXPECT_FALSE(is_picked("a:1"));
  report("c:1", Connectivity::kFailing);
  EXPECT_EQ(picked(), (Addresses{"a:1", "d:1"}));
}

TEST_F(OutlierScenario, EjectionCanBeSwitchedOff) {
  options.ejection = false;
  begin(3);
  calls("a:1", 50, Errc::kUnavailable);
  advance(20s);
  EXPECT_TRUE(is_picked("a:1"));
}

struct SlowStartScenario : OutlierScenario {
  SlowStartScenario() { options.slow_start = 30s; }
  double warmth(const std::string& address) const {
    for (const Candidate& each : published->get()->candidates())
      if (each.endpoint->address() == address) return each.warmth;
    return -1;
  }
  void join(const std::string& address) {
    auto all = {instance("a:1"), instance("b:1"), instance("c:1"), instance("d:1"),
                instance(address)};
    resolve(all);
    report(address, Connectivity::kReady);
  }
};

TEST_F(SlowStartScenario, ThoseWhoAreThereAtTheBeginningAreWarm) {
  begin(3);
  for (const char* address : {"a:1", "b:1", "c:1"}) EXPECT_EQ(warmth(address), 1) << address;
}

TEST_F(SlowStartScenario, ANewOneGrowsInThirtySeconds) {
  begin(4);
  advance(60s);
  join("e:1");
  EXPECT_DOUBLE_EQ(warmth("e:1"), 0.1);
  EXPECT_EQ(warmth("a:1"), 1);
  advance(15s);
  EXPECT_NEAR(warmth("e:1"), 0.5, 0.05);
  advance(16s);
  EXPECT_EQ(warmth("e:1"), 1);
  const int before = publications;
  advance(10s);
  EXPECT_EQ(publications, before);  // nothing changes any more
}

TEST_F(SlowStartScenario, ALostConnectionDoesNotMakeItYoungANewProcessDoes) {
  begin(4);
  advance(60s);
  report("a:1", Connectivity::kIdle);
  report("a:1", Connectivity::kReady);
  EXPECT_EQ(warmth("a:1"), 1);
  resolve({instance("a:1", "2"), instance("b:1"), instance("c:1"), instance("d:1")});
  EXPECT_DOUBLE_EQ(warmth("a:1"), 0.1);
}

TEST_F(SlowStartScenario, WhenMostAreNewNobodyHasToWait) {
  begin(4);
  advance(60s);
  resolve({instance("a:1", "2"), instance("b:1", "2"), instance("c:1", "2"), instance("d:1")});
  for (const char* address : {"a:1", "b:1", "c:1"}) EXPECT_EQ(warmth(address), 1) << address;
}

}  // namespace
}  // namespace brontes::testing
