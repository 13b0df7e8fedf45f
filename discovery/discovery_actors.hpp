// The actors behind a Discovery, for code that is an actor itself.
#pragma once

#include <brontes/discovery/discovery.hpp>
#include <brontes/discovery/registries/registries.hpp>
#include <brontes/discovery/resolver.hpp>
#include <memory>

namespace brontes {

/// Subscribe from an actor:
///   auto where = discovery.locate("etcd:///orders/v1");
///   ask(self, discovery.actors().resolver, 5s, Subscribe{where->registry, where->query, self});
struct DiscoveryActors {
  Resolver resolver;
  std::shared_ptr<Registries> registries;
};

}  // namespace brontes
