#include <gtest/gtest.h>
#include <brontes/actors/published.hpp>

#include <latch>
#include <optional>
#include <thread>
#include <vector>

namespace brontes {
namespace {

using Numbers = std::vector<int>;

std::shared_ptr<const Numbers> numbers(int value, std::size_t count = 1) {
  return std::make_shared<const Numbers>(count, value);
}
int first(const Numbers& values) { return values.front(); }

TEST(Published, IsReadAsLastPublished) {
  Published<Numbers> published(numbers(1));
  EXPECT_EQ(published.read(first), 1);
  published.publish(numbers(2));
  EXPECT_EQ(published.read(first), 2);
  EXPECT_EQ(published.get()->front(), 2);
}

TEST(Published, WhatWasGotIsKept) {
  Published<Numbers> published(numbers(1));
  const auto kept = published.get();
  published.publish(numbers(2));
  EXPECT_EQ(kept->front(), 1);
}

TEST(Published, AnOldValueEndsWhenTheNextIsPublished) {
  Published<Numbers> published(numbers(1));
  const std::weak_ptr<const Numbers> old = published.get();
  published.read(first);
  EXPECT_FALSE(old.expired());
  published.publish(numbers(2));
  EXPECT_TRUE(old.expired());
}

TEST(Published, AnIdleThreadDoesNotKeepAnOldValueAlive) {
  Published<Numbers> published(numbers(1));
  const std::weak_ptr<const Numbers> old = published.get();
  std::latch has_read(1), may_end(1);
  std::thread idle([&] {
    published.read(first);
    has_read.count_down();
    may_end.wait();
  });
  has_read.wait();
  published.publish(numbers(2));
  EXPECT_TRUE(old.expired());
  may_end.count_down();
  idle.join();
}

TEST(Published, AValueThatIsBeingReadLivesUntilItsReaderLeaves) {
  Published<Numbers> published(numbers(1));
  const std::weak_ptr<const Numbers> old = published.get();
  std::latch is_inside(1), may_leave(1), has_left(1), may_end(1);
  std::thread reader([&] {
    published.read([&](const Numbers& values) {
      is_inside.count_down();
      may_leave.wait();
      EXPECT_EQ(values.front(), 1);
    });
    has_left.count_down();
    may_end.wait();
  });
  is_inside.wait();
  published.publish(numbers(2));
  EXPECT_FALSE(old.expired());
  may_leave.count_down();
  has_left.wait();
  EXPECT_TRUE(old.expired());
  may_end.count_down();
  reader.join();
}

TEST(Published, ANestedReadSeesTheValueOfTheOuterOne) {
  Published<Numbers> published(numbers(1));
  published.read([&](const Numbers& outer) {
    published.publish(numbers(2));
    EXPECT_EQ(published.read(first), 1);
    EXPECT_EQ(outer.front(), 1);
    EXPECT_EQ(published.get()->front(), 2);
  });
  EXPECT_EQ(published.read(first), 2);
}

TEST(Published, AReadThatThrowsHasLeft) {
  Published<Numbers> published(numbers(1));
  const std::weak_ptr<const Numbers> old = published.get();
  EXPECT_THROW(published.read([](const Numbers&) { throw 1; }), int);
  published.publish(numbers(2));
  EXPECT_TRUE(old.expired());
}

TEST(Published, MayEndBeforeTheThreadsThatReadIt) {
  std::optional<Published<Numbers>> published(numbers(1));
  const std::weak_ptr<const Numbers> value = published->get();
  std::latch has_read(1), may_end(1);
  std::thread idle([&] {
    published->read(first);
    has_read.count_down();
    may_end.wait();
  });
  has_read.wait();
  published.reset();
  EXPECT_TRUE(value.expired());
  may_end.count_down();
  idle.join();
}

TEST(Published, ManyLiveAndEndInOneThread) {
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Published<Numbers>>> many;
    for (int i = 0; i < 100; ++i)
      many.push_back(std::make_unique<Published<Numbers>>(numbers(round * 1000 + i)));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(many[i]->read(first), round * 1000 + i);
  }
}

TEST(Published, IsReadInDestructorsOfThreadLocals) {
  static Published<Numbers>& published = *new Published<Numbers>(numbers(7));
  static int seen = 0;
  struct Last {
    ~Last() { seen = published.read(first); }
    int touched = 0;
  };
  std::thread([] {
    static thread_local Last last;  // constructed before the slots, so destroyed after them
    last.touched = 1;
    published.read(first);
  }).join();
  EXPECT_EQ(seen, 7);
  delete &published;
}

TEST(Published, NoReaderEverSeesAHalfOrADeadValue) {
  constexpr int kVersions = 2000;
  Published<Numbers> published(numbers(0, 64));
  std::latch all_ready(4);
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      all_ready.arrive_and_wait();
      for (int last = 0; last < kVersions;) {
        published.read([&](const Numbers& values) {
          EXPECT_GE(values.front(), last);
          EXPECT_EQ(values.front(), values.back());
          last = values.front();
        });
        std::this_thread::yield();
      }
    });
  }
  all_ready.arrive_and_wait();
  for (int version = 1; version <= kVersions; ++version) published.publish(numbers(version, 64));
  for (auto& reader : readers) reader.join();
}

}  // namespace
}  // namespace brontes
