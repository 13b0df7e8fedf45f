// The registries that a process has open, by URL: one actor each, shared by all who ask.
#pragma once

#include <brontes/actors/system.hpp>
#include <brontes/discovery/registries/registry_access.hpp>
#include <brontes/discovery/registry.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace brontes {

/// An open registry. Copies share it.
struct OpenRegistry {
  std::string url;  ///< normalised
  Registry registry;
  RegistryFeatures features;
  std::shared_ptr<void> life;  ///< the actor is stopped when the last share of this goes
};

/// Whether Registries::open() takes that URL: kInvalidArgument, see parse_registry_url;
/// kUnimplemented: no such kind of registry.
Status check_registry(std::string_view url);

/// Thread-safe. `memory:` registries are shared by every Registries of one System, and live as long
/// as one of these uses them; all others belong to this object. To be destroyed before the System.
class Registries {
 public:
  explicit Registries(System& system, RegistryAccess access = {});
  ~Registries();
  Registries(const Registries&) = delete;
  Registries& operator=(const Registries&) = delete;

  /// Opens it, or gives the open one. kInvalidArgument: see parse_registry_url, or the access that
  /// it needs is not complete; kUnimplemented: no such kind of registry. Reads the files of the
  /// access. Does not connect: what cannot be reached answers kUnavailable.
  Expected<OpenRegistry> open(std::string_view url);

  /// From now on `url` is this one, whatever it is: own kinds of registry, scripted ones.
  void adopt(std::string url, Registry registry, RegistryFeatures features = {});

  System& system() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace brontes
