// The actor that owns the routes: services come, a new RouteTable is published.
//
// Interface only: light enough for users. The actor is behind spawn_transcoder().
#pragma once

#include <brontes/actors/caf.hpp>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/published.hpp>
#include <brontes/gateway/route_table.hpp>
#include <memory>
#include <string>
#include <vector>

namespace brontes {

class System;

/// To the transcoder: serve the methods of this service over HTTP. Adding it again changes nothing.
struct AddRoutes {
  std::string service;  ///< "package.Service"; must be in the method table
};

/// The answer: published from here on. Conflicts are logged, too.
struct RoutesAdded {
  std::size_t count = 0;          ///< routes of the table now
  std::vector<Status> conflicts;  ///< rules that were left out or that replaced others
};

using Transcoder = Interface<RoutesAdded(AddRoutes)>;
using PublishedRoutes = std::shared_ptr<Published<RouteTable>>;

/// The method table outlives the actor; `routes` are what doors read.
Transcoder spawn_transcoder(System& system, const MethodTable& methods, PublishedRoutes routes);

}  // namespace brontes

BRONTES_MESSAGE(brontes::AddRoutes)
BRONTES_MESSAGE(brontes::RoutesAdded)
