#include "daemon/effect_runner.h"

#include <spdlog/spdlog.h>

namespace glaux::daemon {

struct EffectRunner::Perform {
  EffectRunner& runner;

  void operator()(const core::LaunchExecutor& e) const {
    if (const core::Session* session = runner.engine_.state().session(e.session))
      runner.executors_.launch(*session);
  }

  void operator()(const core::RunCalculation& e) const {
    auto code = runner.engine_.code(e.sequence);
    const core::Session* session = runner.engine_.state().session(e.session);
    if (session == nullptr) return;
    if (!code) {
      spdlog::error("the code cannot be read back: {} session={} calculation={}", code.error(),
                    toText(e.session), toText(e.calculation));
      return runner.executors_.kill(e.session);
    }
    runner.executors_.run(*session, e.calculation, std::move(*code));
  }

  void operator()(const core::InterruptCalculation& e) const {
    runner.executors_.interrupt(e.session, e.calculation);
  }
  void operator()(const core::KillCalculation& e) const {
    runner.executors_.killCalculation(e.session, e.calculation);
  }
  void operator()(const core::TerminateExecutor& e) const {
    runner.executors_.terminate(e.session);
  }
  void operator()(const core::KillExecutor& e) const { runner.executors_.kill(e.session); }
  void operator()(const core::ReleaseExecutor& e) const {
    runner.deadlines_.disarm(e.session);
    runner.executors_.release(e.session);
  }
  void operator()(const core::RecoverExecutor& e) const {
    const core::Session* session = runner.engine_.state().session(e.session);
    if (session != nullptr && runner.executors_.recover(*session))
      spdlog::info("executors: adopted session={}", toText(e.session));
  }
  void operator()(const core::ResumeExecutor& e) const {
    const core::Session* session = runner.engine_.state().session(e.session);
    if (session != nullptr) runner.executors_.resume(*session);
  }
  void operator()(const core::AcknowledgeReports& e) const {
    runner.executors_.acknowledge(e.session, e.through);
  }
  void operator()(const core::ArmDeadline& e) const { runner.deadlines_.arm(e.session, e.at); }
};

void EffectRunner::perform(const core::Effect& effect) { std::visit(Perform{*this}, effect); }

}  // namespace glaux::daemon
