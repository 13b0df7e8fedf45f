#include <gtest/gtest.h>

#include <brontes/discovery/resolver.hpp>

namespace brontes {
namespace {

InstancePtr instance_ptr(const std::string& id, std::uint32_t weight = 100) {
  auto made = std::make_shared<Instance>();
  made->instance_id = id;
  made->weight = weight;
  return made;
}

std::string ids(const std::vector<InstancePtr>& list) {
  std::string all;
  for (const InstancePtr& one : list) all += one->instance_id;
  return all;
}

std::string told(const SnapshotChange& change) {
  return "+" + ids(change.added) + " -" + ids(change.removed) + " ~" + ids(change.updated);
}

SnapshotPtr snapshot(std::vector<InstancePtr> instances) {
  auto made = std::make_shared<Snapshot>();
  made->instances = std::move(instances);
  return made;
}

TEST(Difference, NamesWhoCameWentAndChanged) {
  EXPECT_EQ(told(difference({instance_ptr("a"), instance_ptr("b"), instance_ptr("c")},
                            {instance_ptr("b", 7), instance_ptr("c"), instance_ptr("d")})),
            "+d -a ~b");
  EXPECT_TRUE(difference({instance_ptr("a")}, {instance_ptr("a")}).empty());
  EXPECT_EQ(told(difference({}, {instance_ptr("a")})), "+a - ~");
  EXPECT_EQ(told(difference({instance_ptr("a"), instance_ptr("b")}, {})), "+ -ab ~");
}

TEST(Difference, DoesNotNeedSortedLists) {
  EXPECT_EQ(told(difference({instance_ptr("c"), instance_ptr("a")},
                            {instance_ptr("b"), instance_ptr("a", 7)})),
            "+b -c ~a");
}

TEST(SubscriberSlot, TellsTheWayFromWhatWasTakenNotTheLastStep) {
  SubscriberSlot slot("memory:", {});
  const auto a = snapshot({instance_ptr("a")});
  const auto b = snapshot({instance_ptr("a"), instance_ptr("b")});
  const auto c = snapshot({instance_ptr("b")});
  slot.put(std::make_shared<SnapshotStep>(nullptr, a));
  EXPECT_EQ(told(slot.take()->change), "+a - ~");
  slot.put(std::make_shared<SnapshotStep>(a, b));
  slot.put(std::make_shared<SnapshotStep>(b, c));
  EXPECT_EQ(told(slot.take()->change), "+b -a ~");
  EXPECT_FALSE(slot.take());
}

TEST(SubscriberSlot, HoldsNothingButWhatWasTakenOnceItIsTaken) {
  SubscriberSlot slot("memory:", {});
  auto a = snapshot({instance_ptr("a")});
  const std::weak_ptr<const Snapshot> first = a;
  slot.put(std::make_shared<SnapshotStep>(nullptr, a));
  slot.take();
  slot.put(
      std::make_shared<SnapshotStep>(std::exchange(a, nullptr), snapshot({instance_ptr("b")})));
  slot.take();
  EXPECT_TRUE(first.expired());
}

}  // namespace
}  // namespace brontes
