// The smallest actors that have something to script: a meter that reads a gauge every second.
#pragma once

#include <brontes/actors/caf.hpp>
#include <chrono>
#include <string>

namespace brontes::testing {

struct ReadGauge {
  int gauge = 0;
};
struct GaugeRead {
  int value = 0;
};
struct Reading {
  int value = 0;
  std::string error;
};
struct StartMeter {
  int gauge = 0;
};
struct MeterTick {};
struct LastReading {};
struct ThrowNow {};

}  // namespace brontes::testing

BRONTES_MESSAGE(brontes::testing::ReadGauge)
BRONTES_MESSAGE(brontes::testing::GaugeRead)
BRONTES_MESSAGE(brontes::testing::Reading)
BRONTES_MESSAGE(brontes::testing::StartMeter)
BRONTES_MESSAGE(brontes::testing::MeterTick)
BRONTES_MESSAGE(brontes::testing::LastReading)
BRONTES_MESSAGE(brontes::testing::ThrowNow)

namespace brontes::testing {

using Gauge = Interface<GaugeRead(ReadGauge)>;
using Display = Interface<void(Reading)>;
using Meter = Interface<void(StartMeter), void(MeterTick), Reading(LastReading), void(ThrowNow)>;

/// Asks the gauge each second (time-out 400 ms) and tells the display.
class MeterActor : public Meter::base {
 public:
  MeterActor(caf::actor_config& config, Gauge gauge, Display display)
      : Meter::base(config), gauge_(std::move(gauge)), display_(std::move(display)) {}

  const char* name() const override { return "meter"; }

  Meter::behavior_type make_behavior() override {
    return {
        [this](const StartMeter& start) {
          number_ = start.gauge;
          tick();
        },
        [this](const MeterTick&) { tick(); },
        [this](const LastReading&) -> caf::result<Reading> {
          if (last_.value == 0) return to_error({Errc::kNotFound, "nothing was read yet"});
          return last_;
        },
        [](const ThrowNow&) { throw std::runtime_error("thrown by the test"); },
    };
  }
  void on_exit() override {
    gauge_ = nullptr;
    display_ = nullptr;
  }

 private:
  void tick() {
    ask(this, gauge_, std::chrono::milliseconds(400), ReadGauge{number_})
        .then(
            [this](const GaugeRead& read) {
              show({read.value, ""});
            },
            [this](const caf::error& error) {
              show({0, to_status(error).to_string()});
            });
    send_after(this, Meter(this), std::chrono::seconds(1), MeterTick{});
  }
  void show(Reading reading) {
    last_ = reading;
    brontes::send(this, display_, std::move(reading));
  }

  Gauge gauge_;
  Display display_;
  int number_ = 0;
  Reading last_;
};

}  // namespace brontes::testing
