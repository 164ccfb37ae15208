#include "daemon/core/state.h"

#include <algorithm>

#include "daemon/core/check.h"
#include "daemon/core/planted_bug.h"

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
    work_group.description = e.description;
    work_group.configuration = e.configuration;
    work_group.tags = e.tags;
    bool is_new = state_.work_groups.emplace(e.name, std::move(work_group)).second;
    check(is_new, "a workgroup is created once");
  }

  void operator()(const WorkGroupUpdated& e) {
    WorkGroup& work_group = workGroup(e.name);
    work_group.state = e.state;
    work_group.description = e.description;
    work_group.configuration = e.configuration;
  }

  void operator()(const WorkGroupDeleted& e) {
    check(state_.work_groups.erase(e.name) == 1, "the event's workgroup exists");
  }

  void operator()(const TagsChanged& e) {
    (e.session ? live(*e.session).tags : workGroup(e.work_group).tags) = e.tags;
  }

  void operator()(const NotebookCreated& e) {
    check(state_.notebook_names.emplace(std::pair(e.work_group, e.name), e.notebook).second,
          "a notebook's name is free when it takes it");
    state_.notebooks.emplace(e.notebook, Notebook{e.work_group, e.name, std::nullopt});
  }

  void operator()(const NotebookUpdated& e) { notebook(e.notebook); }

  void operator()(const NotebookRenamed& e) {
    Notebook& renamed = notebook(e.notebook);
    state_.notebook_names.erase(std::pair(renamed.work_group, renamed.name));
    renamed.name = e.name;
    check(state_.notebook_names.emplace(std::pair(renamed.work_group, e.name), e.notebook).second,
          "a notebook's name is free when it takes it");
  }

  void operator()(const NotebookDeleted& e) {
    const Notebook& deleted = notebook(e.notebook);
    state_.notebook_names.erase(std::pair(deleted.work_group, deleted.name));
    state_.notebooks.erase(e.notebook);
  }

  void operator()(const SessionStarted& e) {
    Session session;
    session.id = e.session;
    session.work_group = e.work_group;
    session.executor = e.executor;
    session.kernel = e.kernel;
    session.engine_version = e.engine_version;
    session.network = e.network;
    session.working_directory = e.working_directory;
    session.dpus = e.dpus;
    session.idle_timeout_minutes = e.idle_timeout_minutes;
    session.deadline = e.start_deadline;
    session.executors.push_back(Executor{.id = e.coordinator});
    session.tags = e.tags;
    session.notebook = bindNotebook(e);
    bool is_new = state_.sessions.emplace(e.session, std::move(session)).second;
    check(is_new, "a session starts once");
    state_.dpus_in_use += e.dpus;
  }

  void operator()(const SessionCreated& e) {
    Session& session = live(e.session);
    session.state = SessionState::kCreated;
    session.was_ready = true;
  }

  void operator()(const SessionBecameIdle& e) {
    Session& session = live(e.session);
    session.state = SessionState::kIdle;
    session.awaits_kernel = false;
    session.awaits_recovery = false;
    session.deadline = e.idle_deadline;
  }

  void operator()(const SessionBecameBusy& e) {
    Session& session = live(e.session);
    session.state = SessionState::kBusy;
    session.awaits_kernel = false;
    session.awaits_recovery = false;
    session.deadline.reset();
  }

  void operator()(const SessionDegraded& e) {
    Session& session = live(e.session);
    session.state = SessionState::kDegraded;
    session.awaits_kernel = false;
    session.awaits_recovery = e.cause != DegradedCause::kConnectionLost;
    session.deadline = e.deadline;
  }

  void operator()(const SessionKernelDied& e) {
    Session& session = live(e.session);
    session.state = SessionState::kDegraded;
    session.awaits_kernel = true;
    session.awaits_recovery = false;
    session.deadline = e.deadline;
  }

  void operator()(const SessionTerminationBegan& e) {
    Session& session = live(e.session);
    session.state = SessionState::kTerminating;
    releaseNotebook(session);
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

  void operator()(const CalculationCodeRead& e) { live(e.session); }

  void operator()(const CalculationQueued& e) {
    live(e.session).queue.push_back(Calculation{
        .id = e.calculation, .sequence = position_.sequence, .state = CalculationState::kQueued});
    state_.calculations.emplace(e.calculation, e.session);
  }

  void operator()(const CalculationDequeued& e) {
    Session& session = live(e.session);
    check(!session.calculation, "a session has one live calculation at most");
    check(!session.queue.empty() && session.queue.front().id == e.calculation,
          "the first of the queue comes next");
    session.calculation = session.queue.front();
    session.calculation->state = CalculationState::kCreating;
    session.queue.pop_front();
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
    Session& session = live(e.session);
    auto queued = std::ranges::find(session.queue, e.calculation, &Calculation::id);
    if (queued != session.queue.end()) {
      session.queue.erase(queued);
    } else {
      current(e);
      session.calculation.reset();
    }
    state_.calculations.erase(e.calculation);
    state_.ended_calculations.emplace(e.calculation, outcome);
  }

  void end(const SessionId& id, SessionState outcome) {
    Session& session = live(id);
    check(!session.calculation && session.queue.empty(), "a session outlives its calculations");
    releaseNotebook(session);
    state_.dpus_in_use -= session.dpus;
    state_.sessions.erase(id);
    state_.ended_sessions.emplace(id, outcome);
  }

  WorkGroup& workGroup(const std::string& name) {
    auto found = state_.work_groups.find(name);
    check(found != state_.work_groups.end(), "the event's workgroup exists");
    return found->second;
  }

  Notebook& notebook(const NotebookId& id) {
    auto found = state_.notebooks.find(id);
    check(found != state_.notebooks.end(), "the event's notebook exists");
    return found->second;
  }

  // Sessions of journals from before there were notebooks may name one that never was.
  std::optional<NotebookId> bindNotebook(const SessionStarted& e) {
    auto named = notebookOf(e.engine_configuration);
    auto found = named ? state_.notebooks.find(*named) : state_.notebooks.end();
    if (found == state_.notebooks.end()) return std::nullopt;
    found->second.session = e.session;
    return named;
  }

  void releaseNotebook(Session& session) {
    if (!session.notebook) return;
    auto found = state_.notebooks.find(*session.notebook);
    if (found != state_.notebooks.end() && found->second.session == session.id)
      found->second.session.reset();
    session.notebook.reset();
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

bool Session::mayBeResumed() const {
  return was_ready && state != SessionState::kTerminating &&
         (!kill_began || isPlanted(PlantedBug::kKilledIsResumed));
}

const Session* State::session(const SessionId& id) const { return findIn(sessions, id); }

const Calculation* State::calculation(const CalculationId& id) const {
  const SessionId* owner = findIn(calculations, id);
  if (owner == nullptr) return nullptr;
  const Session& session = sessions.at(*owner);
  if (session.calculation && session.calculation->id == id) return &*session.calculation;
  auto queued = std::ranges::find(session.queue, id, &Calculation::id);
  check(queued != session.queue.end(), "a live calculation is run or queued");
  return &*queued;
}

const Notebook* State::notebook(const NotebookId& id) const { return findIn(notebooks, id); }

std::string WorkGroup::engineVersion() const {
  if (!configuration.engine_version) return {};
  return configuration.engine_version->selected_engine_version.value_or("");
}

std::optional<api::Network> WorkGroup::network() const {
  auto additional = api::readAdditionalConfiguration(configuration.additional_configuration);
  return additional ? additional->network : std::nullopt;
}

std::optional<NotebookId> notebookOf(const api::EngineConfiguration& configuration) {
  auto named = configuration.additional_configs.find(std::string(kNotebookIdConfig));
  if (named == configuration.additional_configs.end()) return std::nullopt;
  return parseId<NotebookId>(named->second);
}

std::optional<api::SessionState> State::sessionState(const SessionId& id) const {
  if (const Session* live = session(id)) return live->state;
  return ended_sessions.find(id);
}

std::optional<api::CalculationState> State::calculationState(const CalculationId& id) const {
  if (const Calculation* live = calculation(id)) return live->state;
  return ended_calculations.find(id);
}

}  // namespace glaux::core
