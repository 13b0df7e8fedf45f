// What is behind an Announcement: the keeper it uses, and who listens.
#pragma once

#include <atomic>
#include <brontes/discovery/announcement.hpp>
#include <brontes/discovery/detail/callback_box.hpp>
#include <brontes/discovery/lease_keeper.hpp>
#include <memory>
#include <mutex>

namespace brontes {

namespace detail {

/// A lease keeper, stopped when nobody uses it any more; a withdrawal that is under way is a use.
struct KeeperUse {
  KeeperUse(System& on, OpenRegistry registry, const LeaseKeeperOptions& options)
      : system(on), open(registry), keeper(spawn_lease_keeper(on, std::move(registry), options)) {}
  ~KeeperUse() { stop(keeper); }
  KeeperUse(const KeeperUse&) = delete;
  KeeperUse& operator=(const KeeperUse&) = delete;

  System& system;
  OpenRegistry open;  ///< keeps the registry open for as long
  LeaseKeeper keeper;
  std::atomic<bool> abandoned{false};
};

using AnnouncementBox = CallbackBox<AnnouncementEvent>;

/// Fills what a record needs and its owner may leave out: id, incarnation, weight, host.
Expected<Instance> complete(Instance instance, System& system);

}  // namespace detail

struct Announcement::State {
  State(std::shared_ptr<detail::KeeperUse> use, Instance announced, AnnouncementCallback on_event);
  ~State();

  std::shared_ptr<detail::KeeperUse> use;
  std::shared_ptr<detail::AnnouncementBox> box;
  AnnouncementListener listener;
  std::mutex mutex{};
  Instance instance;       ///< under the mutex
  bool withdrawn = false;  ///< under the mutex
};

}  // namespace brontes
