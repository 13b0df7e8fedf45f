// A table with the Echo service behind a local door.
#pragma once

#include <gtest/gtest.h>

#include <brontes/actors/caf.hpp>
#include <brontes/actors/testkit/local_door.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include "echo.hpp"

namespace brontes::testing {

enum class Served { kFunctions, kActorScripted, kActorPool, kActorInPlace };

struct World {
  explicit World(Served served = Served::kActorScripted, HostOptions options = {})
      : system({2, served == Served::kFunctions || served == Served::kActorScripted}) {
    table.intercept(recorder);
    options.in_place = served == Served::kActorInPlace;
    if (served == Served::kFunctions) {
      const auto functions = echo_functions(seen);
      for (const Method& method : functions.rows()) EXPECT_TRUE(table.add(method).ok());
    } else {
      auto opened = brontes::host<EchoActor, Echo>(
          system, table, options, [this] { return std::make_unique<EchoActor>(seen); });
      host = std::move(*opened);
    }
  }

  static Ask ask(const std::string& name, int count = 0) {
    Ask ask;
    ask.set_name(name);
    ask.set_count(count);
    return ask;
  }
  Expected<Answer> say(const std::string& name, LocalCallOptions options = {}) {
    return door.call<Echo::Say>(ask(name), std::move(options));
  }
  Errc code_of(const std::string& name, LocalCallOptions options = {}) {
    const auto answer = say(name, std::move(options));
    return answer ? Errc::kOk : answer.error().code();
  }
  LocalCall<Echo::Say> start(const std::string& name, int count = 0,
                             LocalCallOptions options = {}) {
    return door.start<Echo::Say>(ask(name, count), std::move(options));
  }
  /// Of a system without threads.
  caf::scheduler::test_coordinator& stage() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.caf().scheduler());
  }
  void run() {
    while (stage().try_run_once()) {
    }
  }
  void advance(Duration by) {
    run();
    stage().advance_time(by);
    run();
  }

  Seen seen;
  System system;
  MethodTable table{system.clock()};
  std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
  std::unique_ptr<ServiceHost> host;
  LocalDoor door{system, table};
};

}  // namespace brontes::testing
