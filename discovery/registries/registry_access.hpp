// How this process shows a registry who it is. Comes from settings, never from a URL: URLs are
// logged, and shared by all.
#pragma once

#include <string>

namespace brontes {

struct RegistryAccess {
  std::string user = {};  ///< where the URL has no ?user=; "": nobody in particular
  std::string password = {};
  bool tls = false;
  std::string ca = {};  ///< PEM file of who signs the registry's servers; "": the system's
  std::string cert = {}, key = {};  ///< PEM files, for registries that want to see a certificate
};

}  // namespace brontes
