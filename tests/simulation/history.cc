#include "tests/simulation/history.h"

#include <algorithm>
#include <initializer_list>
#include <variant>

#include "daemon/projections/bytes.h"
#include "tests/simulation/crash.h"

namespace glaux::simulation {
namespace {

using api::CalculationState;
using api::SessionState;

template <class State>
std::string nameOf(State state) {
  return std::string(api::namesOf<State>()[static_cast<std::size_t>(state)]);
}

template <class State>
void move(State& from, std::initializer_list<State> allowed, State to, const std::string& what) {
  promise(std::ranges::find(allowed, from) != allowed.end(),
          what + " goes from " + nameOf(from) + " to " + nameOf(to));
  from = to;
}

}  // namespace

bool History::Session::isLive() const {
  return state != SessionState::kTerminated && state != SessionState::kFailed;
}

bool History::Calculation::isLive() const {
  return state != CalculationState::kCompleted && state != CalculationState::kFailed &&
         state != CalculationState::kCanceled;
}

// BEHAVIOURS.md, "Session state machine" and "Calculation state machine".
struct History::Observer {
  History& history;

  void operator()(const core::SessionStarted& e) const {
    promise(!history.knows(e.session), "a session starts twice: " + toText(e.session));
    Session session;
    session.dpus = e.dpus;
    history.sessions_[e.session] = session;
    std::int64_t in_use = 0;
    for (const auto& [id, each] : history.sessions_) in_use += each.isLive() ? each.dpus : 0;
    promise(in_use <= history.capacity_dpus_, "sessions hold " + std::to_string(in_use) +
                                                  " DPUs of " +
                                                  std::to_string(history.capacity_dpus_));
  }
  void operator()(const core::SessionCreated& e) const {
    step(e.session, {SessionState::kCreating}, SessionState::kCreated);
  }
  void operator()(const core::SessionBecameIdle& e) const {
    step(e.session, {SessionState::kCreated, SessionState::kBusy, SessionState::kDegraded},
         SessionState::kIdle);
    promise(!history.sessions_.at(e.session).calculation, "an idle session has a calculation");
  }
  void operator()(const core::SessionBecameBusy& e) const {
    step(
        e.session,
        {SessionState::kCreated, SessionState::kIdle, SessionState::kBusy, SessionState::kDegraded},
        SessionState::kBusy);
  }
  void operator()(const core::SessionDegraded& e) const {
    using enum core::DegradedCause;
    if (e.cause == kOutOfReach) {
      step(e.session, {SessionState::kIdle, SessionState::kBusy}, SessionState::kDegraded);
    } else if (e.cause == kExecutorReplaced) {
      step(e.session, {SessionState::kIdle, SessionState::kBusy, SessionState::kDegraded},
           SessionState::kDegraded);
    } else {
      step(e.session,
           {SessionState::kCreating, SessionState::kCreated, SessionState::kIdle,
            SessionState::kBusy, SessionState::kDegraded},
           SessionState::kDegraded);
    }
    Session& session = history.sessions_.at(e.session);
    promise(!session.kill_began, "a session is DEGRADED whose executor is being killed");
    session.is_out_of_reach = e.cause != kConnectionLost;
  }
  void operator()(const core::SessionKernelDied& e) const {
    Session& session = history.live(e.session, "SessionKernelDied");
    promise(session.state != SessionState::kDegraded || session.is_out_of_reach,
            "a kernel dies of a session that waits for a fresh one, or for its executor's end");
    step(e.session, {SessionState::kIdle, SessionState::kBusy, SessionState::kDegraded},
         SessionState::kDegraded);
    session.is_out_of_reach = false;
  }
  void operator()(const core::SessionKillBegan& e) const {
    history.live(e.session, "SessionKillBegan").kill_began = true;
  }
  void operator()(const core::SessionTerminationBegan& e) const {
    step(e.session,
         {SessionState::kCreating, SessionState::kCreated, SessionState::kIdle, SessionState::kBusy,
          SessionState::kDegraded},
         SessionState::kTerminating);
  }
  void operator()(const core::SessionTerminated& e) const {
    step(e.session, {SessionState::kTerminating}, SessionState::kTerminated);
    expectNoCalculation(e.session);
  }
  void operator()(const core::SessionFailed& e) const {
    step(e.session,
         {SessionState::kCreating, SessionState::kCreated, SessionState::kIdle, SessionState::kBusy,
          SessionState::kDegraded},
         SessionState::kFailed);
    promise(!e.reason.empty(), "a session fails without a reason");
    expectNoCalculation(e.session);
  }
  void operator()(const core::ReportsReceived& e) const {
    Session& session = history.live(e.session, "ReportsReceived");
    promise(e.through > session.reports_through, "reports are received twice");
    session.reports_through = e.through;
  }
  void operator()(const core::UsageRecorded& e) const {
    Session& session = history.live(e.session, "UsageRecorded");
    Calculation& calculation = history.live(e.calculation, "UsageRecorded");
    promise(e.executor_dpu_millis >= session.dpu_millis &&
                e.calculation_dpu_millis >= calculation.dpu_millis,
            "usage decreases");
    session.dpu_millis = e.executor_dpu_millis;
    calculation.dpu_millis = e.calculation_dpu_millis;
  }
  void operator()(const core::CalculationQueued& e) const {
    add(e.calculation, e.session, CalculationState::kQueued);
  }
  void operator()(const core::CalculationSubmitted& e) const {
    add(e.calculation, e.session, CalculationState::kCreating);
    take(e.calculation, e.session);
  }
  void operator()(const core::CalculationDequeued& e) const {
    step(e.calculation, {CalculationState::kQueued}, CalculationState::kCreating);
    take(e.calculation, e.session);
  }
  void operator()(const core::CalculationBegan& e) const {
    step(e.calculation, {CalculationState::kCreating}, CalculationState::kRunning);
  }
  void operator()(const core::CalculationCancelRequested& e) const {
    step(e.calculation,
         {CalculationState::kCreating, CalculationState::kRunning, CalculationState::kCanceling},
         CalculationState::kCanceling);
  }
  void operator()(const core::CalculationCompleted& e) const {
    end(e.calculation, CalculationState::kCompleted);
  }
  void operator()(const core::CalculationFailed& e) const {
    promise(!e.reason.empty(), "a calculation fails without a reason");
    end(e.calculation, CalculationState::kFailed);
  }
  void operator()(const core::CalculationCanceled& e) const {
    end(e.calculation, CalculationState::kCanceled);
  }
  template <class Other>
  void operator()(const Other&) const {}

  void step(const core::SessionId& id, std::initializer_list<SessionState> from,
            SessionState to) const {
    move(history.live(id, "a session's step").state, from, to, "session " + toText(id));
  }
  void step(const core::CalculationId& id, std::initializer_list<CalculationState> from,
            CalculationState to) const {
    move(history.live(id, "a calculation's step").state, from, to, "calculation " + toText(id));
  }
  void add(const core::CalculationId& id, const core::SessionId& session,
           CalculationState state) const {
    promise(!history.knows(id), "a calculation is submitted twice: " + toText(id));
    history.live(session, "a calculation");
    history.calculations_[id] = {session, state, 0};
  }
  void take(const core::CalculationId& id, const core::SessionId& session) const {
    Session& taker = history.live(session, "a calculation");
    promise(!taker.calculation, "a session runs two calculations at a time");
    taker.calculation = id;
  }
  void end(const core::CalculationId& id, CalculationState to) const {
    Calculation& calculation = history.live(id, "a calculation's end");
    calculation.state = to;
    Session& session = history.live(calculation.session, "a calculation's end");
    if (session.calculation == id) session.calculation.reset();
  }
  void expectNoCalculation(const core::SessionId& id) const {
    for (const auto& [each, calculation] : history.calculations_) {
      promise(calculation.session != id || !calculation.isLive(),
              "session " + toText(id) + " ends before its calculation " + toText(each));
    }
  }
};

void History::observe(const journal::Record& record) {
  promise(record.sequence == last_ + 1, "a record is missing");
  last_ = record.sequence;
  promise(record.time_ms >= last_time_ms_, "time runs backwards in the journal");
  last_time_ms_ = record.time_ms;
  digest_ = journal::sha256({digest_.view(), record.payload});
  if (on_record) on_record(record);
  auto body = core::decodeRecord(record.payload);
  promise(body.has_value(), "a record cannot be read back");
  if (!body->outcome) return;
  for (const core::Event& event : *body->outcome) std::visit(Observer{*this}, event);
}

History::Session& History::live(const core::SessionId& id, const char* event) {
  auto found = sessions_.find(id);
  promise(found != sessions_.end() && found->second.isLive(),
          std::string(event) + " of a session that is not live: " + toText(id));
  return found->second;
}

History::Calculation& History::live(const core::CalculationId& id, const char* event) {
  auto found = calculations_.find(id);
  promise(found != calculations_.end() && found->second.isLive(),
          std::string(event) + " of a calculation that is not live: " + toText(id));
  return found->second;
}

void History::expectIn(const core::State& state) const {
  for (const auto& [id, session] : sessions_) {
    auto there = state.sessionState(id);
    promise(there == session.state, "session " + toText(id) + " is not what the journal says");
  }
  for (const auto& [id, calculation] : calculations_) {
    auto there = state.calculationState(id);
    promise(there == calculation.state,
            "calculation " + toText(id) + " is not what the journal says");
  }
}

void History::expectIn(const daemon::Views& views) const {
  for (const auto& [id, session] : sessions_) {
    auto row = views.sessions().rows().get(daemon::keyOf(id.bytes));
    promise(row && *row && (*row)->answer.status.state == session.state,
            "the view of session " + toText(id) + " is not what the journal says");
    promise((*row)->answer.statistics.dpu_execution_in_millis == session.dpu_millis,
            "the view of session " + toText(id) + " has other DPU-milliseconds than the journal");
  }
  for (const auto& [id, calculation] : calculations_) {
    auto row = views.calculations().rows().get(daemon::keyOf(id.bytes));
    promise(row && *row && (*row)->answer.status.state == calculation.state,
            "the view of calculation " + toText(id) + " is not what the journal says");
    promise(
        (*row)->answer.statistics.dpu_execution_in_millis == calculation.dpu_millis,
        "the view of calculation " + toText(id) + " has other DPU-milliseconds than the journal");
  }
}

}  // namespace glaux::simulation
