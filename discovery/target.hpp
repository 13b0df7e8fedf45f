// What people write to say whom they want to call: "etcd:///orders/v1", "discovery:///orders",
// "static:10.0.0.7:80,10.0.0.8:80".
#pragma once

#include <brontes/actors/status.hpp>
#include <brontes/discovery/instance.hpp>
#include <string>
#include <string_view>

namespace brontes {

/// A target, taken apart.
struct Target {
  std::string scheme;     ///< "discovery", "memory", "static", "etcd", "consul"
  std::string addresses;  ///< "h:p,h:p" of a static target that brings its own; else empty
  Query query;            ///< a static target without a name asks for the name "static"
};

/// Whether the target's scheme belongs to a registry. Anything else ("dns:///h:p", "h:p",
/// "unix:/s") is gRPC's own.
bool is_registry_target(std::string_view target);

/// SCHEME:///NAME[/VERSION] for all schemes, and static:H:P,H:P or
/// static://H:P,H:P[/NAME[/VERSION]]. Parts are percent-decoded; further path parts and a `?query`
/// are ignored, as hephfx does. kInvalidArgument says which part is wrong: no name, a name with a
/// slash, an authority where the registry's address belongs into the settings.
Expected<Target> parse_target(std::string_view target);

}  // namespace brontes
