// Snapshots as text, and as real files.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <brontes/discovery/detail/snapshot_disk.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

namespace brontes::detail {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFileUrl = "etcd://a:1?prefix=/p";

ArchivedSnapshot sample(const std::string& id = "one") {
  Instance instance;
  instance.name = "orders";
  instance.instance_id = id;
  instance.address = "10.0.0.1:80";
  instance.weight = 7;
  instance.healthy = false;
  instance.metadata["zone"] = "a\nb \xc3\xa9";
  instance.tags["t"] = "1";
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->query = {"orders", "", {{"t", "1"}}, {{"zone", "z"}}, ""};
  snapshot->revision = 18'446'744'073'709'551'615u;
  snapshot->epoch = 3;
  snapshot->status = SnapshotStatus::kLive;
  snapshot->instances = {std::make_shared<const Instance>(instance)};
  snapshot->held = {id};
  return {kFileUrl, snapshot, WallTime(1'700'000'000'123ms)};
}

Errc file_error(const std::string& text) {
  const auto found = decode_snapshot(text);
  return found ? Errc::kOk : found.error().code();
}

TEST(SnapshotFile, WhatIsReadIsWhatWasWritten) {
  const ArchivedSnapshot before = sample();
  const auto after = decode_snapshot(encode_snapshot(before));
  ASSERT_TRUE(after) << after.error();
  EXPECT_EQ(after->registry, kFileUrl);
  EXPECT_EQ(after->proven, before.proven);
  EXPECT_EQ(after->snapshot->query, before.snapshot->query);
  EXPECT_EQ(after->snapshot->revision, before.snapshot->revision);
  EXPECT_EQ(after->snapshot->epoch, 3u);
  EXPECT_EQ(after->snapshot->held, before.snapshot->held);
  EXPECT_EQ(after->snapshot->status, SnapshotStatus::kStale);
  ASSERT_EQ(after->snapshot->instances.size(), 1u);
  EXPECT_EQ(*after->snapshot->instances[0], *before.snapshot->instances[0]);
}

TEST(SnapshotFile, EveryByteThatIsWrongOrMissingIsNoticed) {
  const std::string whole = encode_snapshot(sample());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(file_error(changed), Errc::kOk) << "byte " << i;
    EXPECT_NE(file_error(whole.substr(0, i)), Errc::kOk) << "cut at " << i;
  }
  EXPECT_EQ(file_error(""), Errc::kDataLoss);
  EXPECT_EQ(file_error(whole + whole), Errc::kDataLoss);
}

TEST(SnapshotFile, AnotherVersionIsNamed) {
  std::string later = encode_snapshot(sample());
  later.replace(0, later.find('\n'), "brontes snapshot 2");
  const auto found = decode_snapshot(later);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code(), Errc::kFailedPrecondition);
  EXPECT_NE(found.error().message().find("version 2"), std::string::npos);
}

TEST(SnapshotFile, NamesAreDistinctAndStayInTheDirectory) {
  const std::string name = snapshot_file_name(kFileUrl, {"orders", "v1"});
  EXPECT_EQ(name, snapshot_file_name(kFileUrl, {"orders", "v1"}));
  EXPECT_TRUE(name.starts_with("orders-v1-")) << name;
  EXPECT_NE(name, snapshot_file_name("etcd://a:1?prefix=/q", {"orders", "v1"}));
  EXPECT_NE(name, snapshot_file_name(kFileUrl, {"orders", "v1", {{"t", "1"}}}));
  const std::string odd = snapshot_file_name(kFileUrl, {"../../etc", std::string(200, 'v')});
  EXPECT_EQ(odd.find('/'), std::string::npos);
  EXPECT_LE(odd.size(), 255u);
}

struct OnDisk : ::testing::Test {
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "snapshots.XXXXXX";
    directory = ::mkdtemp(pattern.data());
    file = directory + "/file.snapshot";
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  Status write(ArchivedSnapshot what) {
    std::promise<Status> done;
    disk->write(file, std::move(what), [&](const Status& status) { done.set_value(status); });
    return done.get_future().get();
  }
  Expected<ArchivedSnapshot> read() {
    std::promise<Expected<ArchivedSnapshot>> done;
    disk->read(file, [&](const auto& found) { done.set_value(found); });
    return done.get_future().get();
  }
  std::size_t files() const {
    const std::filesystem::directory_iterator all(directory);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  std::shared_ptr<SnapshotDisk> disk = process_disk();
  std::string directory, file;
};

TEST_F(OnDisk, TheNewFileReplacesTheOldOneAndNothingElseStays) {
  EXPECT_TRUE(write(sample("one")).ok());
  EXPECT_TRUE(write(sample("two")).ok());
  const auto found = read();
  ASSERT_TRUE(found) << found.error();
  EXPECT_EQ(found->snapshot->instances[0]->instance_id, "two");
  EXPECT_EQ(files(), 1u);
}

TEST_F(OnDisk, OnlyTheOwnerMayReadIt) {
  ASSERT_TRUE(write(sample()).ok());
  struct stat about {};
  ASSERT_EQ(::stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(OnDisk, NoFileIsNotFound) { EXPECT_EQ(read().error().code(), Errc::kNotFound); }

TEST_F(OnDisk, ADamagedFileIsSaidToBe) {
  ASSERT_TRUE(write(sample()).ok());
  std::fstream(file, std::ios::in | std::ios::out).seekp(40).put('#');
  EXPECT_EQ(read().error().code(), Errc::kDataLoss);
  std::filesystem::resize_file(file, 30);
  EXPECT_EQ(read().error().code(), Errc::kDataLoss);
}

TEST_F(OnDisk, WhatIsNoFileIsNotReadForEver) {
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  EXPECT_EQ(read().error().code(), Errc::kDataLoss);
}

TEST_F(OnDisk, AFileThatIsTooLargeIsNeitherReadNorWritten) {
  const std::size_t size = encode_snapshot(sample()).size();
  disk = make_disk(size);
  EXPECT_TRUE(write(sample()).ok());
  EXPECT_TRUE(read());
  disk = make_disk(size - 1);
  EXPECT_EQ(read().error().code(), Errc::kResourceExhausted);
  std::filesystem::remove(file);
  EXPECT_EQ(write(sample()).code(), Errc::kResourceExhausted);
  EXPECT_EQ(files(), 0u);
}

TEST_F(OnDisk, ADirectoryThatHasGoneIsAnErrorThatSaysSo) {
  std::filesystem::remove_all(directory);
  const Status status = write(sample());
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("No such file or directory"), std::string::npos) << status;
}

TEST_F(OnDisk, ADirectoryIsCheckedBeforeItIsUsed) {
  EXPECT_TRUE(check_snapshot_dir(directory).ok());
  EXPECT_EQ(check_snapshot_dir(directory + "/none").code(), Errc::kInvalidArgument);
  ASSERT_TRUE(write(sample()).ok());
  EXPECT_EQ(check_snapshot_dir(file).code(), Errc::kInvalidArgument);
}

}  // namespace
}  // namespace brontes::detail
