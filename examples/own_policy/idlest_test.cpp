// A policy is tested without servers: endpoints are made by hand, calls are begun and ended on
// their stats.
#include <gtest/gtest.h>

#include "idlest.hpp"

namespace {

TEST(Idlest, PicksWhoHasTheFewestCallsInFlight) {
  ASSERT_TRUE(register_idlest().ok());
  const auto policy = brontes::make_policy({.policy = "idlest"}, 1);
  ASSERT_TRUE(policy) << policy.error();

  std::vector<brontes::Candidate> candidates;
  for (const char* address : {"10.0.0.1:80", "10.0.0.2:80"})
    candidates.push_back(
        {std::make_shared<brontes::Endpoint>(address), std::make_shared<brontes::Instance>()});
  const auto picker = (*policy)->make_picker(candidates);

  candidates[0].endpoint->shared_stats()->begin();
  EXPECT_EQ(picker->pick({"/s/m"}).endpoint->address(), "10.0.0.2:80");

  const brontes::Endpoint* tried[] = {candidates[1].endpoint.get()};
  EXPECT_EQ(picker->pick({"/s/m", tried}).endpoint->address(), "10.0.0.1:80");
}

}  // namespace
