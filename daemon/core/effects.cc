#include "daemon/core/effects.h"

#include <algorithm>

#include "daemon/core/planted_bug.h"

namespace glaux::core {
namespace {

// Code that may never have reached the executor is sent again, which ignores an id it knows; only
// then can it be interrupted.
void outstandingOf(const Session& session, const Calculation& calculation,
                   std::vector<Effect>& effects) {
  bool canceling = calculation.state == api::CalculationState::kCanceling;
  if (calculation.kill_began) {
    effects.push_back(KillCalculation{session.id, calculation.id});
    return;
  }
  bool may_not_have_arrived = canceling || calculation.state == api::CalculationState::kCreating;
  if (may_not_have_arrived && !isPlanted(PlantedBug::kCodeIsNotSentAgain))
    effects.push_back(RunCalculation{session.id, calculation.id, calculation.sequence});
  if (canceling) effects.push_back(InterruptCalculation{session.id, calculation.id});
}

class EffectsOf {
 public:
  EffectsOf(const State& state, std::vector<Effect>& effects) : state_(state), effects_(effects) {}

  void operator()(const SessionStarted& e) {
    want(LaunchExecutor{e.session});
    want(ArmDeadline{e.session, e.start_deadline});
  }
  void operator()(const SessionBecameIdle& e) { want(ArmDeadline{e.session, e.idle_deadline}); }
  void operator()(const SessionDegraded& e) {
    if (e.cause == DegradedCause::kExecutorReplaced) wantResumed(*state_.session(e.session));
    want(ArmDeadline{e.session, e.deadline});
  }
  void operator()(const SessionKernelDied& e) { want(ArmDeadline{e.session, e.deadline}); }
  void operator()(const SessionTerminationBegan& e) {
    want(TerminateExecutor{e.session});
    want(ArmDeadline{e.session, e.deadline});
  }
  void operator()(const SessionKillBegan& e) { want(KillExecutor{e.session}); }
  void operator()(const SessionTerminated& e) { want(ReleaseExecutor{e.session}); }
  void operator()(const SessionFailed& e) { want(ReleaseExecutor{e.session}); }

  void operator()(const ReportsReceived& e) { want(AcknowledgeReports{e.session, e.through}); }

  void operator()(const CalculationSubmitted& e) {
    want(RunCalculation{e.session, e.calculation, state_.calculation(e.calculation)->sequence});
  }
  void operator()(const CalculationDequeued& e) {
    want(RunCalculation{e.session, e.calculation, state_.calculation(e.calculation)->sequence});
  }
  void operator()(const CalculationCancelRequested& e) {
    want(InterruptCalculation{e.session, e.calculation});
    if (e.kill_deadline) want(ArmDeadline{e.session, *e.kill_deadline});
  }
  void operator()(const CalculationKillBegan& e) {
    want(KillCalculation{e.session, e.calculation});
    want(ArmDeadline{e.session, e.deadline});
  }

  void operator()(const WorkGroupCreated&) {}
  void operator()(const WorkGroupUpdated&) {}
  void operator()(const WorkGroupDeleted&) {}
  void operator()(const TagsChanged&) {}
  void operator()(const NotebookCreated&) {}
  void operator()(const NotebookUpdated&) {}
  void operator()(const NotebookRenamed&) {}
  void operator()(const NotebookDeleted&) {}
  void operator()(const SessionCreated&) {}
  void operator()(const SessionBecameBusy&) {}
  void operator()(const ExecutorChanged&) {}
  void operator()(const UsageRecorded&) {}
  void operator()(const CalculationCodeRead&) {}
  void operator()(const CalculationQueued&) {}
  void operator()(const CalculationBegan&) {}
  void operator()(const CalculationProgressed&) {}
  void operator()(const CalculationCompleted&) {}
  void operator()(const CalculationFailed&) {}
  void operator()(const CalculationCanceled&) {}
  void operator()(const TokenRemembered&) {}

 private:
  void want(Effect effect) { effects_.push_back(effect); }

  void wantResumed(const Session& session) {
    want(ResumeExecutor{session.id});
    if (session.calculation && !isPlanted(PlantedBug::kResumedIsAskedNothing))
      outstandingOf(session, *session.calculation, effects_);
  }

  const State& state_;
  std::vector<Effect>& effects_;
};

void outstandingOf(const Session& session, std::vector<Effect>& effects) {
  effects.push_back(RecoverExecutor{session.id});
  if (session.kill_began) {
    effects.push_back(KillExecutor{session.id});
  } else if (session.state == api::SessionState::kTerminating) {
    effects.push_back(TerminateExecutor{session.id});
  } else if (session.calculation) {
    outstandingOf(session, *session.calculation, effects);
  }
  if (session.deadline && !isPlanted(PlantedBug::kDeadlinesAreNotArmedAgain))
    effects.push_back(ArmDeadline{session.id, *session.deadline});
}

}  // namespace

void effectsOf(const Event& event, const State& state, std::vector<Effect>& effects) {
  std::visit(EffectsOf(state, effects), event);
}

std::vector<Effect> outstanding(const State& state) {
  std::vector<SessionId> live;
  live.reserve(state.sessions.size());
  for (const auto& [id, session] : state.sessions) live.push_back(id);
  std::ranges::sort(live);
  std::vector<Effect> effects;
  for (const SessionId& id : live) outstandingOf(state.sessions.at(id), effects);
  return effects;
}

}  // namespace glaux::core
