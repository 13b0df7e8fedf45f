// What all sessions of a door share.
#pragma once

#include <atomic>
#include <brontes/actors/call/method_table.hpp>
#include <brontes/actors/published.hpp>
#include <brontes/gateway/http_door.hpp>
#include <brontes/gateway/path_template.hpp>
#include <brontes/gateway/route_table.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace brontes::detail {

class HttpSession;

struct CustomRoute {
  std::string method;
  PathTemplate path;
  HttpHandler handler;
};

struct HttpService {
  const MethodTable& methods;
  const std::shared_ptr<const Published<RouteTable>> routes;
  const HttpDoorOptions options;
  std::vector<CustomRoute> custom = {};   ///< fixed before the first session
  std::atomic<bool> winding_down{false};  ///< each connection closes after its next reply
  std::atomic<bool> draining{false};      ///< and those that idle, too
  std::atomic<std::size_t> calls{0};      ///< requests that came in whole, until they are answered
  std::atomic<std::uint64_t> handshakes_failed{0}, handshakes_timed_out{0};

  /// Sessions that are there; thread-safe. False: the door has stopped, or is full.
  bool join(HttpSession* session) {
    const std::lock_guard lock(mutex);
    if (stopped || sessions.size() >= options.max_connections) return false;
    sessions.insert(session);
    return true;
  }
  void left(HttpSession* session) {
    const std::lock_guard lock(mutex);
    if (sessions.erase(session) > 0 && sessions.empty() && on_empty) on_empty();
  }

  std::mutex mutex = {};
  std::set<HttpSession*> sessions = {};
  bool stopped = false;                 ///< nobody joins any more
  std::function<void()> on_empty = {};  ///< runs under the mutex
};

}  // namespace brontes::detail
