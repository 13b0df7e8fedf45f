#include <brontes/actors/testkit/scenario.hpp>

namespace brontes {

Scenario::Scenario() : stage_(std::make_unique<detail::Stage>()) {}

// The actors are stopped while their probes still listen.
Scenario::~Scenario() { stage_->close(); }

void Scenario::advance(Duration by, std::source_location at) { stage_->advance(by, at); }
void Scenario::run(std::source_location at) { stage_->run(at); }
System& Scenario::system() { return stage_->system(); }
TimePoint Scenario::now() const { return stage_->now(); }

}  // namespace brontes
