#include <algorithm>
#include <brontes/discovery/balancing/call_key.hpp>
#include <brontes/discovery/balancing/ring_hash.hpp>
#include <cmath>

#include "picker_world.hpp"

namespace brontes {
namespace {

using testing::PickerWorld;

constexpr int kKeys = 20'000;
std::uint64_t key(int number) { return key_hash("user-" + std::to_string(number)); }

std::shared_ptr<const Picker> ring(std::vector<Candidate> candidates, double bound = 0) {
  return make_ring_hash(1, bound)->make_picker(std::move(candidates));
}

// Where each key goes, by address.
std::vector<std::string> places(const Picker& picker) {
  std::vector<std::string> all;
  for (int i = 0; i < kKeys; ++i)
    all.push_back(picker.pick({"/s/m", {}, key(i)}).endpoint->address());
  return all;
}

TEST(RingHash, AKeyStaysWhereItIs) {
  const PickerWorld one(PickerWorld::alike(10)), other(PickerWorld::alike(10));
  // Other objects, another seed, another process: the address decides.
  EXPECT_EQ(places(*ring(one.all)), places(*make_ring_hash(99, 0)->make_picker(other.all)));
}

TEST(RingHash, KeysAreSpreadOverAll) {
  const PickerWorld world(PickerWorld::alike(10));
  std::map<std::string, int> share;
  for (const auto& address : places(*ring(world.all))) ++share[address];
  EXPECT_EQ(share.size(), 10u);
  for (const auto& [address, keys] : share) EXPECT_NEAR(keys, kKeys / 10, kKeys / 40) << address;
}

TEST(RingHash, WhenOneLeavesOnlyItsKeysMove) {
  const PickerWorld world(PickerWorld::alike(10));
  const auto before = places(*ring(world.all));
  auto rest = world.all;
  const std::string gone = rest[4].endpoint->address();
  rest.erase(rest.begin() + 4);
  const auto after = places(*ring(rest));
  int moved = 0;
  std::map<std::string, int> to;
  for (int i = 0; i < kKeys; ++i) {
    if (before[i] != gone) {
      EXPECT_EQ(before[i], after[i]);
      continue;
    }
    ++moved;
    ++to[after[i]];
  }
  EXPECT_LE(moved, kKeys * 125 / 1000);
  EXPECT_EQ(to.size(), 9u);  // and not all to one neighbour
}

TEST(RingHash, WithAThousandHardlyMoreKeysMoveThanHaveTo) {
  const PickerWorld world(PickerWorld::alike(2000));
  const auto before = places(*ring(world.all));
  auto rest = world.all;
  rest.erase(rest.begin(), rest.begin() + 20);
  const auto after = places(*ring(rest));
  const auto moved = std::inner_product(before.begin(), before.end(), after.begin(), 0,
                                        std::plus<>(), std::not_equal_to<>());
  EXPECT_LE(moved, kKeys * 3 / 100);
}

TEST(RingHash, AHeavierRecordHasMoreKeys) {
  PickerWorld world(PickerWorld::alike(4));
  auto heavy = std::make_shared<Instance>();
  heavy->weight = 300;
  world.all[2].instance = heavy;
  world.all[2].weight = 5;  // it is young: its keys are where they will be
  std::map<std::string, int> share;
  for (const auto& address : places(*ring(world.all))) ++share[address];
  EXPECT_NEAR(share[world.at(2)->address()], kKeys / 2, kKeys / 12);
}

TEST(RingHash, CallsWithoutAKeyGoAnywhere) {
  const PickerWorld world(PickerWorld::alike(4));
  for (const int share : world.shares(*ring(world.all), 4000)) EXPECT_NEAR(share, 1000, 300);
}

TEST(RingHash, ARetryGoesToTheNextOneEachTimeTheSame) {
  const PickerWorld world(PickerWorld::alike(10));
  const auto picker = ring(world.all);
  const Endpoint* const first = picker->pick({"/s/m", {}, key(1)}).endpoint;
  const Endpoint* excluded[] = {first};
  const Endpoint* const second = picker->pick({"/s/m", excluded, key(1)}).endpoint;
  EXPECT_NE(second, first);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(picker->pick({"/s/m", excluded, key(1)}).endpoint, second);
}

// One key that everybody asks for, and others: nobody has more than its bounded share.
TEST(RingHash, BoundedLoadIsNeverExceeded) {
  PickerWorld world(PickerWorld::alike(10));
  const auto picker = ring(world.all, 1.25);
  std::vector<std::pair<std::size_t, CallTicket>> calls;
  for (int i = 1; i <= 2000; ++i) {
    const std::size_t to =
        world.number(picker->pick({"/s/m", {}, i % 2 ? key(7) : key(i)}).endpoint);
    calls.emplace_back(to, world.stats(to).begin());
    ASSERT_LE(world.stats(to).in_flight(), std::ceil(1.25 * i / 10)) << "call " << i;
  }
  EXPECT_GT(
      world.stats(world.number(ring(world.all)->pick({"/s/m", {}, key(7)}).endpoint)).in_flight(),
      200u);  // the key's own one is full
  for (const auto& [to, ticket] : calls) world.stats(to).end(ticket, Errc::kOk);
  EXPECT_EQ(world.load->in_flight(), 0u);
}

TEST(RingHash, WithoutABoundKeysStayTogether) {
  PickerWorld world(PickerWorld::alike(10));
  const auto picker = ring(world.all);
  for (int i = 0; i < 100; ++i)
    world.stats(world.number(picker->pick({"/s/m", {}, key(7)}).endpoint)).begin();
  EXPECT_EQ(world.stats(world.number(picker->pick({"/s/m", {}, key(7)}).endpoint)).in_flight(),
            100u);
}

TEST(CallKey, IsNeverZeroAndTheSameEverywhere) {
  EXPECT_NE(key_hash(""), 0u);
  EXPECT_EQ(key_hash("user-1"),
            14166554182431137624u);  // fixed: processes of other builds must agree
}

TEST(CallKey, ComesFromAHeaderOrAField) {
  EXPECT_EQ(parse_key_source("")->from, KeySource::From::kNowhere);
  EXPECT_EQ(parse_key_source("header:x-user")->name, "x-user");
  EXPECT_EQ(parse_key_source("field:user.id")->from, KeySource::From::kField);
  for (const char* bad : {"x-user", "header:", "header:X-User", "field:", "field:a..b", "field:.a",
                          "field:a.", "field:1", "cookie:a"})
    EXPECT_FALSE(parse_key_source(bad)) << bad;
}

}  // namespace
}  // namespace brontes
