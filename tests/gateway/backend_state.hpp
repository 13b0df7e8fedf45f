// What the handlers of the conformance backend share.
#pragma once

#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "answers.hpp"
#include "conformance_service.hpp"
#include "testsvc.brontes.hpp"

namespace brontes::conformance {

using Echo = gwtest::v1::EchoServiceMethods;
using Streams = gwtest::v1::StreamServiceMethods;
using Routes = gwtest::v1::RouteServiceMethods;

struct Backend::State {
  State() : work(io.get_executor()), thread([this] { io.run(); }) {}
  // The door has gone, so all calls are cancelled: what that posted lets go of them.
  ~State() {
    work.reset();
    thread.join();
  }

  void count_cancelled(const std::string& key) {
    const std::lock_guard lock(mutex);
    ++cancelled[key];
  }
  int cancelled_count(const std::string& key) {
    const std::lock_guard lock(mutex);
    return cancelled[key];
  }

  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
  std::thread thread;
  std::mutex mutex;
  std::map<std::string, int> cancelled;
};

gwtest::v1::EchoReply describe(const Call& call, const Message& request);

/// The methods that take their time; `state` outlives the calls.
void add_slow(MethodTable& table, Backend::State& state);

}  // namespace brontes::conformance
