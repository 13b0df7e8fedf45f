#include <gtest/gtest.h>

#include <algorithm>
#include <brontes/discovery/detail/known_records.hpp>
#include <map>
#include <random>

namespace brontes::detail {
namespace {

Record record(std::string name, std::string version, std::string id, std::uint64_t revision = 1) {
  auto instance = std::make_shared<Instance>();
  instance->name = std::move(name);
  instance->version = std::move(version);
  instance->instance_id = std::move(id);
  return {record_key(*instance), std::move(instance), revision};
}

std::vector<std::string> keys_of(const KnownRecords& records) {
  std::vector<std::string> keys;
  for (const KnownRecord& known : records) keys.push_back(known.key());
  return keys;
}

TEST(KnownRecords, AreFoundByTheKeyTheyWerePutUnder) {
  KnownRecords records;
  Record odd = record("a", "v1", "x");
  odd.key = "elsewhere/x";
  records.put(odd);
  records.put(record("a", "v1", "x"));
  EXPECT_EQ(keys_of(records), (std::vector<std::string>{"a/v1/x", "elsewhere/x"}));
  EXPECT_NE(records.find("elsewhere/x"), nullptr);
  EXPECT_EQ(records.find("a/v1"), nullptr);
  EXPECT_EQ(records.find("a/v1/xx"), nullptr);
}

TEST(KnownRecords, ThePutOfAKnownKeyTakesItsPlace) {
  KnownRecords records;
  records.put(record("a", "", "x", 1));
  records.put(record("b", "", "x", 2));
  records.put(record("a", "", "x", 3));
  EXPECT_EQ(records.size(), 2u);
  EXPECT_EQ(records.find("a/x")->revision, 3u);
}

TEST(KnownRecords, DoTheSameAsAMapOfKeys) {
  std::mt19937 random(11);
  KnownRecords records;
  std::map<std::string, std::uint64_t> model;
  const std::string names[] = {"a", "a.b", "a-b", "ab", "b"};
  for (std::uint64_t step = 1; step < 3000; ++step) {
    Record one = record(names[random() % 5], random() % 2 == 0 ? "" : names[random() % 5],
                        names[random() % 5] + names[random() % 5], step);
    if (random() % 8 == 0) one.key = names[random() % 5] + "/odd";
    if (random() % 3 == 0) {
      EXPECT_EQ(records.erase(one.key), model.erase(one.key) > 0) << one.key;
    } else {
      records.put(one);
      model[one.key] = step;
    }
    ASSERT_EQ(records.size(), model.size());
  }
  auto expected = model.begin();
  for (const KnownRecord& known : records) {
    EXPECT_EQ(known.key(), expected->first);
    EXPECT_EQ(known.revision, expected++->second);
  }
}

}  // namespace
}  // namespace brontes::detail
