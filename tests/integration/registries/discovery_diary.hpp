// What somebody who announces, and somebody who subscribes, is told; and waiting for it.
#pragma once

#include <gtest/gtest.h>
#include <brontes/discovery/discovery.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "registry_client.hpp"

namespace brontes::testing {

/// An announcement and its events.
class Announced {
 public:
  Announced(Discovery& discovery, Instance instance,
            std::chrono::seconds ttl = std::chrono::seconds(15)) {
    AnnounceOptions options;
    options.ttl = ttl;
    options.on_event = [diary = diary_](const AnnouncementEvent& event) {
      const std::lock_guard lock(diary->mutex);
      diary->events.push_back(event);
      diary->changed.notify_all();
    };
    auto announcement = discovery.announce(std::move(instance), std::move(options));
    EXPECT_TRUE(announcement) << announcement.error();
    if (announcement) announcement_ = std::move(*announcement);
  }

  /// The next event, which must be of that type.
  AnnouncementEvent expect(AnnouncementEvent::Type type) {
    std::unique_lock lock(diary_->mutex);
    if (!diary_->changed.wait_for(lock, kHang, [&] { return !diary_->events.empty(); })) {
      ADD_FAILURE() << "nothing happened to the record";
      return {};
    }
    AnnouncementEvent event = std::move(diary_->events.front());
    diary_->events.pop_front();
    EXPECT_EQ(event.type, type) << "type " << static_cast<int>(event.type) << " " << event.cause;
    return event;
  }
  bool is_quiet() {
    const std::lock_guard lock(diary_->mutex);
    return diary_->events.empty();
  }
  Announcement& operator*() { return *announcement_; }
  Announcement* operator->() { return &*announcement_; }

 private:
  struct Diary {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<AnnouncementEvent> events;
  };
  std::shared_ptr<Diary> diary_ = std::make_shared<Diary>();
  std::optional<Announcement> announcement_;
};

/// A subscription, and all it ever said.
class Subscribed {
 public:
  explicit Subscribed(Discovery& discovery, const Query& query = {"svc"}) {
    auto subscription = discovery.subscribe(query, [this](const DiscoveryEvent& event) {
      const std::lock_guard lock(mutex_);
      newest_ = event.snapshot;
      for (const auto& instance : event.change.removed) removed_.insert(instance->instance_id);
      changed_.notify_all();
    });
    EXPECT_TRUE(subscription) << subscription.error();
    if (subscription) subscription_ = std::move(*subscription);
  }

  /// Blocks until the newest snapshot is such.
  template <class F>
  SnapshotPtr wait_until(F is_such) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kHang, [&] { return newest_ && is_such(*newest_); }));
    return newest_ ? newest_ : std::make_shared<const Snapshot>();
  }
  /// Live, and with these ids.
  SnapshotPtr wait_for(const std::vector<std::string>& ids) {
    return wait_until([&](const Snapshot& snapshot) {
      std::vector<std::string> there;
      for (const auto& instance : snapshot.instances) there.push_back(instance->instance_id);
      return snapshot.status == SnapshotStatus::kLive && there == ids && snapshot.held.empty();
    });
  }
  SnapshotPtr wait_for(SnapshotStatus status) {
    return wait_until([&](const Snapshot& snapshot) { return snapshot.status == status; });
  }
  /// Ids that left at any time.
  std::set<std::string> removed() {
    const std::lock_guard lock(mutex_);
    return removed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  SnapshotPtr newest_;
  std::set<std::string> removed_;
  Subscription subscription_;
};

}  // namespace brontes::testing
