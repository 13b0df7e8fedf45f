// Spawning the actors of a floor's own plumbing: resolver, lease keepers, registries, balancers.
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/detail/guarded.hpp>
#include <brontes/actors/system.hpp>
#include <memory>
#include <string_view>
#include <utility>

namespace brontes {

namespace detail {
/// Logs each message that was given up, for the actor of that name.
std::shared_ptr<const Rails> resume_rails(std::string_view name);
}  // namespace detail

/// Supervised by the system, which resumes it: an exception costs the message that it was thrown
/// for (a request is answered kInternal, the log has the text) and never the actor, whose state its
/// subscribers depend on. Its owner stops it. Users' own actors belong under a Supervisor.
template <class Actor, class... Args>
auto spawn_plumbing(System& system, std::string_view name, Args&&... args) {
  return system.caf().spawn<detail::Guarded<Actor>>(detail::resume_rails(name),
                                                    std::forward<Args>(args)...);
}

}  // namespace brontes
