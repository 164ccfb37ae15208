#include "daemon/core/state.h"

#include <algorithm>

#include "daemon/core/check.h"

namespace glaux::core {
namespace {

using api::CalculationState;
using api::ExecutorState;
using api::SessionState;

class Applier {
 public:
  Applier(State& state, const RecordPosition& position) : state_(state), position_(position) {}

  void operator()(const WorkGroupCreated& e) {
    WorkGroup work_group;
    if (e.configuration.result_configuration)
      work_group.output_location =
          e.configuration.result_configuration->output_location.value_or("");
    if (e.configuration.engine_version)
      work_group.engine_version =
          e.configuration.engine_version->selected_engine_version.value_or("");
    bool is_new = state_.work_groups.emplace(e.name, std::move(work_group)).second;
    check(is_new, "a workgroup is created once");
  }

  void operator()(const SessionStarted& e) {
    Session session;
    session.id = e.session;
    session.work_group = e.work_group;
    session.executor = e.executor;
    session.kernel = e.kernel;
    session.working_directory = e.working_directory;
    session.dpus = e.dpus;
    session.idle_timeout_minutes = e.idle_timeout_minutes;
    session.deadline = e.start_deadline;
    session.executors.push_back(Executor{.id = e.coordinator});
    bool is_new = state_.sessions.emplace(e.session, std::move(session)).second;
    check(is_new, "a session starts once");
    state_.dpus_in_use += e.dpus;
  }

  void operator()(const SessionCreated& e) { live(e.session).state = SessionState::kCreated; }

  void operator()(const SessionBecameIdle& e) {
    Session& session = live(e.session);
    session.state = SessionState::kIdle;
    session.deadline = e.idle_deadline;
  }

  void operator()(const SessionBecameBusy& e) {
    Session& session = live(e.session);
    session.state = SessionState::kBusy;
    session.deadline.reset();
  }

  void operator()(const SessionDegraded& e) {
    Session& session = live(e.session);
    session.state = SessionState::kDegraded;
    session.deadline = e.deadline;
  }

  void operator()(const SessionTerminationBegan& e) {
    Session& session = live(e.session);
    session.state = SessionState::kTerminating;
    session.termination_reason = e.reason;
    session.deadline = e.deadline;
  }

  void operator()(const SessionKillBegan& e) {
    Session& session = live(e.session);
    session.kill_began = true;
    session.deadline.reset();
    if (session.termination_reason.empty()) session.termination_reason = e.reason;
  }

  void operator()(const SessionTerminated& e) { end(e.session, SessionState::kTerminated); }
  void operator()(const SessionFailed& e) { end(e.session, SessionState::kFailed); }

  void operator()(const ExecutorChanged& e) {
    Executor& executor = executorOf(live(e.session), e.executor);
    executor.type = e.type;
    executor.state = e.state;
    executor.dpus = e.dpus;
  }

  void operator()(const ReportsReceived& e) { live(e.session).reports_through = e.through; }

  void operator()(const UsageRecorded& e) {
    Session& session = live(e.session);
    executorOf(session, e.executor).dpu_millis = e.executor_dpu_millis;
    if (session.calculation && session.calculation->id == e.calculation)
      session.calculation->dpu_millis = e.calculation_dpu_millis;
  }

  void operator()(const CalculationSubmitted& e) {
    Session& session = live(e.session);
    check(!session.calculation, "a session has one live calculation at most");
    session.calculation = Calculation{.id = e.calculation, .sequence = position_.sequence};
    state_.calculations.emplace(e.calculation, e.session);
  }

  void operator()(const CalculationBegan& e) { current(e).state = CalculationState::kRunning; }
  void operator()(const CalculationProgressed& e) { current(e); }

  void operator()(const CalculationCancelRequested& e) {
    current(e).state = CalculationState::kCanceling;
    if (e.kill_deadline) live(e.session).deadline = e.kill_deadline;
  }

  void operator()(const CalculationKillBegan& e) {
    current(e).kill_began = true;
    live(e.session).deadline = e.deadline;
  }

  void operator()(const CalculationCompleted& e) { finish(e, CalculationState::kCompleted); }
  void operator()(const CalculationFailed& e) { finish(e, CalculationState::kFailed); }
  void operator()(const CalculationCanceled& e) { finish(e, CalculationState::kCanceled); }

  void operator()(const TokenRemembered& e) {
    state_.tokens[e.token] = RememberedToken{e.parameters, e.result, e.expires};
    state_.tokens_by_expiry.push_back(e.token);
  }

 private:
  Session& live(const SessionId& id) {
    auto found = state_.sessions.find(id);
    check(found != state_.sessions.end(), "the event's session is live");
    return found->second;
  }

  template <class CalculationEvent>
  Calculation& current(const CalculationEvent& e) {
    Session& session = live(e.session);
    check(session.calculation && session.calculation->id == e.calculation,
          "the event's calculation is live");
    return *session.calculation;
  }

  template <class CalculationEvent>
  void finish(const CalculationEvent& e, CalculationState outcome) {
    current(e);
    live(e.session).calculation.reset();
    state_.calculations.erase(e.calculation);
    state_.ended_calculations.emplace(e.calculation, outcome);
  }

  void end(const SessionId& id, SessionState outcome) {
    Session& session = live(id);
    check(!session.calculation, "a session outlives its calculations");
    state_.dpus_in_use -= session.dpus;
    state_.sessions.erase(id);
    state_.ended_sessions.emplace(id, outcome);
  }

  static Executor& executorOf(Session& session, const ExecutorId& id) {
    auto found = std::ranges::find(session.executors, id, &Executor::id);
    if (found != session.executors.end()) return *found;
    return session.executors.emplace_back(Executor{.id = id});
  }

  State& state_;
  const RecordPosition& position_;
};

template <class Map, class Key>
auto* findIn(Map& map, const Key& key) {
  auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace

void apply(State& state, const RecordPosition& position, const Event& event) {
  std::visit(Applier(state, position), event);
}

// Tokens are forgotten by the time of the records, never by a clock, so that every replay forgets
// the same ones.
void applyRecordEnd(State& state, const RecordPosition& position) {
  state.sequence = position.sequence;
  while (!state.tokens_by_expiry.empty()) {
    auto oldest = state.tokens.find(state.tokens_by_expiry.front());
    check(oldest != state.tokens.end(), "each token has its place in the expiry order");
    if (oldest->second.expires > position.time) break;
    state.tokens.erase(oldest);
    state.tokens_by_expiry.pop_front();
  }
}

const Session* State::session(const SessionId& id) const { return findIn(sessions, id); }

const Calculation* State::calculation(const CalculationId& id) const {
  const SessionId* owner = findIn(calculations, id);
  return owner == nullptr ? nullptr : &*sessions.at(*owner).calculation;
}

std::optional<api::SessionState> State::sessionState(const SessionId& id) const {
  if (const Session* live = session(id)) return live->state;
  if (const SessionState* ended = findIn(ended_sessions, id)) return *ended;
  return std::nullopt;
}

std::optional<api::CalculationState> State::calculationState(const CalculationId& id) const {
  if (const Calculation* live = calculation(id)) return live->state;
  if (const CalculationState* ended = findIn(ended_calculations, id)) return *ended;
  return std::nullopt;
}

}  // namespace glaux::core
