#include <gtest/gtest.h>

#include <brontes/discovery/detail/callback_crowd.hpp>

namespace brontes::detail {
namespace {

CrowdMemberPtr member(const std::string& name) {
  return std::make_shared<CrowdMember>("memory:", Query{name}, [](const DiscoveryEvent&) {});
}
std::string name_of(const CrowdMemberPtr& member) {
  return member ? member->slot.query().name : "nobody";
}

TEST(CrowdQueue, EachIsTakenOnceInOrderByWhicheverLaneComes) {
  CrowdQueue queue;
  CrowdQueue::WavePtr one, other;
  queue.push({member("a"), member("b")});
  queue.push({member("c")});
  EXPECT_EQ(name_of(queue.next(one)), "a");
  EXPECT_EQ(name_of(queue.next(other)), "b");
  EXPECT_EQ(name_of(queue.next(one)), "c");
  EXPECT_EQ(name_of(queue.next(other)), "nobody");
  EXPECT_EQ(name_of(queue.next(one)), "nobody");
}

TEST(CrowdQueue, ALaneThatStandsStillKeepsNobodyButItsOwn) {
  CrowdQueue queue;
  CrowdQueue::WavePtr stuck, other;
  queue.push({member("a"), member("b"), member("c")});
  EXPECT_EQ(name_of(queue.next(stuck)), "a");
  EXPECT_EQ(name_of(queue.next(other)), "b");
  EXPECT_EQ(name_of(queue.next(other)), "c");
  EXPECT_TRUE(queue.empty());
  queue.push({member("a")});
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(name_of(queue.next(other)), "a");
}

TEST(CrowdQueue, WhoWasTakenIsHeldByTheLaneAlone) {
  CrowdQueue queue;
  CrowdQueue::WavePtr lane;
  auto one = member("a");
  const std::weak_ptr<CrowdMember> life = one;
  queue.push({std::move(one), member("b")});
  EXPECT_EQ(name_of(queue.next(lane)), "a");
  EXPECT_TRUE(life.expired());
}

}  // namespace
}  // namespace brontes::detail
