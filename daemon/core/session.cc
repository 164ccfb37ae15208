#include <string_view>

#include "daemon/core/check.h"
#include "daemon/core/planted_bug.h"
#include "daemon/core/rules.h"
#include "daemon/core/work_group.h"

// CREATING -> CREATED -> IDLE <-> BUSY
//     any live --TerminateSession, idle timeout--> TERMINATING -> TERMINATED
//     any live --connection to the executor lost--> DEGRADED
//     IDLE, BUSY --kernel died--> DEGRADED --fresh kernel ready--> IDLE | BUSY
//     IDLE, BUSY --kernel out of reach, executor replaced--> DEGRADED --recovered--> IDLE | BUSY
//     any live --executor gone--> FAILED
namespace glaux::core {
namespace {

using api::SessionState;

std::string withoutTrailingSlash(std::string location) {
  while (!location.empty() && location.back() == '/') location.pop_back();
  return location;
}

std::string workingDirectory(const Situation& at, const api::StartSessionRequest& request,
                             const SessionId& session) {
  const auto& results =
      at.state.work_groups.at(request.work_group).configuration.result_configuration;
  std::string location = withoutTrailingSlash(results ? results->output_location.value_or("") : "");
  if (location.empty()) location = at.policy.default_output_location + "/" + request.work_group;
  return location + "/session/" + toText(session);
}

std::optional<api::Error> notebookRefusal(const Situation& at,
                                          const api::StartSessionRequest& request) {
  const auto& configs = request.engine_configuration.additional_configs;
  auto named = configs.find(std::string(kNotebookIdConfig));
  if (named == configs.end()) return std::nullopt;
  if (!request.notebook_version) return api::errors::notebookVersionRequired();
  auto id = notebookOf(request.engine_configuration);
  const Notebook* notebook = id ? at.state.notebook(*id) : nullptr;
  if (notebook == nullptr || notebook->work_group != request.work_group)
    return api::errors::notebookNotFound(named->second);
  return std::nullopt;
}

// What is wrong with the request itself.
std::optional<api::Error> requestRefusal(const Situation& at,
                                         const api::StartSessionRequest& request) {
  auto work_group = at.state.work_groups.find(request.work_group);
  if (work_group == at.state.work_groups.end()) return api::errors::workGroupNotFound();
  if (!isSparkEngine(work_group->second.engineVersion())) return api::errors::workGroupNotSpark();
  return notebookRefusal(at, request);
}

// What keeps a session from being started now, and may not tomorrow.
std::optional<api::Error> presentRefusal(const Situation& at, const StartSession& command,
                                         std::int64_t dpus) {
  const api::StartSessionRequest& request = command.request;
  if (at.state.work_groups.at(request.work_group).state == api::WorkGroupState::kDisabled)
    return api::errors::workGroupDisabled(request.work_group);
  if (auto id = notebookOf(request.engine_configuration)) {
    const Notebook& notebook = *at.state.notebook(*id);
    if (notebook.session)
      return api::errors::notebookSessionExists(toText(*id), toText(*notebook.session));
  }
  const std::string engine = at.state.work_groups.at(request.work_group).engineVersion();
  if (!hasEngineVersion(at.policy, engine))
    return api::errors::engineVersionGone(engine, request.work_group);
  if (!command.placement) return command.placement.error();
  if (dpus > at.policy.capacity_dpus)
    return api::errors::validation("MaxConcurrentDpus is " + std::to_string(dpus) +
                                   "; this node has " + std::to_string(at.policy.capacity_dpus) +
                                   " DPUs in all.");
  if (at.state.dpus_in_use + dpus > at.policy.capacity_dpus &&
      !isPlanted(PlantedBug::kQuotaIsNotChecked))
    return api::errors::maximumAllowedSessions(at.state.dpus_in_use, dpus, at.policy.capacity_dpus);
  return std::nullopt;
}

api::StartSessionResponse started(const IdBytes& id) {
  api::StartSessionResponse response;
  response.session_id = idText(id);
  response.state = SessionState::kCreating;
  return response;
}

// The session's own tags over the workgroup's, if those are to be copied.
tl::expected<std::vector<api::Tag>, api::Error> tagsOf(const Situation& at,
                                                       const api::StartSessionRequest& request) {
  static const std::vector<api::Tag> kNone;
  bool copies = request.copy_work_group_tags.value_or(false);
  return mergeTags(copies ? at.state.work_groups.at(request.work_group).tags : kNone, request.tags);
}

// Sessions that do not say how long they may idle: the workgroup may, then the settings do.
std::int64_t idleTimeoutMinutes(const Situation& at, const api::StartSessionRequest& request,
                                const api::WorkGroupConfiguration& defaults) {
  if (request.session_idle_timeout_in_minutes) return *request.session_idle_timeout_in_minutes;
  auto additional = api::readAdditionalConfiguration(defaults.additional_configuration);
  if (additional && additional->session_idle_timeout_in_minutes)
    return *additional->session_idle_timeout_in_minutes;
  return at.policy.default_idle_timeout_minutes;
}

template <class Value>
void fillIn(std::optional<Value>& value, const std::optional<Value>& otherwise) {
  if (!value) value = otherwise;
}

}  // namespace

api::EngineConfiguration withWorkGroupDefaults(const State& state,
                                               const api::StartSessionRequest& request) {
  api::EngineConfiguration engine = request.engine_configuration;
  auto work_group = state.work_groups.find(request.work_group);
  if (work_group == state.work_groups.end()) return engine;
  const auto& defaults = work_group->second.configuration.engine_configuration;
  if (!defaults) return engine;
  fillIn(engine.coordinator_dpu_size, defaults->coordinator_dpu_size);
  fillIn(engine.max_concurrent_dpus, defaults->max_concurrent_dpus);
  fillIn(engine.default_executor_dpu_size, defaults->default_executor_dpu_size);
  for (const auto& [name, value] : defaults->additional_configs) {
    // A notebook is one session's, never a workgroup's.
    if (name != kNotebookIdConfig) engine.additional_configs.emplace(name, value);
  }
  engine.spark_properties.insert(defaults->spark_properties.begin(),
                                 defaults->spark_properties.end());
  if (engine.classifications.empty()) engine.classifications = defaults->classifications;
  return engine;
}

Verdict decideCommand(const Situation& at, const StartSession& command) {
  const api::StartSessionRequest& request = command.request;
  if (auto error = requestRefusal(at, request)) return tl::unexpected(*error);
  auto tags = tagsOf(at, request);
  if (!tags) return tl::unexpected(tags.error());

  auto known = findToken(at.state, command.token);
  if (!known) return tl::unexpected(known.error());
  if (*known) return Decision{{}, started(**known)};

  const WorkGroup& work_group = at.state.work_groups.at(request.work_group);
  const api::WorkGroupConfiguration& defaults = work_group.configuration;
  api::EngineConfiguration engine = withWorkGroupDefaults(at.state, request);
  std::int64_t dpus = engine.max_concurrent_dpus.value_or(at.policy.default_session_dpus);
  if (auto error = presentRefusal(at, command, dpus)) return tl::unexpected(*error);

  SessionStarted event;
  event.session = SessionId{at.stamp.ids[0]};
  event.coordinator = ExecutorId{at.stamp.ids[1]};
  event.work_group = request.work_group;
  event.description = request.description;
  event.engine_configuration = std::move(engine);
  event.engine_version = work_group.engineVersion();
  event.notebook_version = request.notebook_version;
  event.execution_role = request.execution_role;
  fillIn(event.execution_role, defaults.execution_role);
  event.monitoring_configuration = request.monitoring_configuration;
  fillIn(event.monitoring_configuration, defaults.monitoring_configuration);
  event.tags = std::move(*tags);
  event.idle_timeout_minutes = idleTimeoutMinutes(at, request, defaults);
  event.working_directory = workingDirectory(at, request, event.session);
  event.executor = command.placement->executor;
  event.kernel = command.placement->kernel;
  if (auto network = work_group.network()) event.network = std::string(api::name(*network));
  event.dpus = dpus;
  event.start_deadline = at.in(at.policy.start_timeout_ms);
  if (defaults.result_configuration)
    event.encryption_configuration = defaults.result_configuration->encryption_configuration;

  Decision decision{{}, started(event.session.bytes)};
  decision.events.push_back(std::move(event));
  rememberToken(at, command.token, at.stamp.ids[0], decision.events);
  return decision;
}

Verdict decideCommand(const Situation& at, const TerminateSession& command) {
  const std::string& text = command.request.session_id;
  auto id = parseId<SessionId>(text);
  auto state = id ? at.state.sessionState(*id) : std::nullopt;
  if (!state) return tl::unexpected(api::errors::sessionNotFound(text));

  Decision decision;
  api::TerminateSessionResponse response;
  response.state = *state;
  switch (*state) {
    case SessionState::kCreating:
    case SessionState::kCreated:
    case SessionState::kIdle:
    case SessionState::kBusy:
    case SessionState::kDegraded:
      decision.events.push_back(terminationOf(at, *id));
      response.state = SessionState::kTerminating;
      break;
    case SessionState::kTerminating:
      if (isPlanted(PlantedBug::kTerminationBeginsTwice))
        decision.events.push_back(terminationOf(at, *id));
      break;
    case SessionState::kTerminated:
    case SessionState::kFailed:
      break;
  }
  decision.answer = response;
  return decision;
}

Event terminationOf(const Situation& at, const SessionId& session) {
  return SessionTerminationBegan{session, kTerminatedPerRequest,
                                 at.in(at.policy.terminate_grace_ms)};
}

void endSession(const Session& session, const std::string& reason, Timestamp at,
                std::vector<Event>& events) {
  bool terminating = session.state == SessionState::kTerminating;
  if (const auto& calculation = session.calculation) {
    // The executor and its kernel are gone, so the code has stopped: somebody asked for that, or
    // it is not known how far it came.
    if (terminating || calculation->state == api::CalculationState::kCanceling) {
      events.push_back(CalculationCanceled{calculation->id, session.id, kCanceledPerRequest, at});
    } else {
      events.push_back(CalculationFailed{
          calculation->id, session.id,
          fitReason("The session ended before the calculation's end was known: " + reason), at});
    }
  }
  for (const Calculation& queued : session.queue) {
    if (isPlanted(PlantedBug::kQueueIsForgottenAtTheEnd)) break;
    if (terminating) {
      events.push_back(CalculationCanceled{queued.id, session.id, kCanceledPerRequest, at});
    } else {
      events.push_back(CalculationFailed{
          queued.id, session.id,
          fitReason("The session ended before this calculation's turn; its code did not run: " +
                    reason),
          at});
    }
  }
  for (const Executor& executor : session.executors) {
    if (executor.state == api::ExecutorState::kTerminated ||
        executor.state == api::ExecutorState::kFailed)
      continue;
    events.push_back(
        ExecutorChanged{session.id, executor.id, executor.type,
                        terminating ? api::ExecutorState::kTerminated : api::ExecutorState::kFailed,
                        executor.dpus, at});
  }
  if (terminating) {
    events.push_back(SessionTerminated{session.id, session.termination_reason});
  } else if (isPlanted(PlantedBug::kFailedSessionsHaveNoReason)) {
    events.push_back(SessionFailed{session.id, ""});
  } else {
    events.push_back(SessionFailed{
        session.id, fitReason(session.kill_began ? session.termination_reason : reason)});
  }
}

Verdict decideCommand(const Situation& at, const RecordExecutorGone& command) {
  Decision decision;
  if (const Session* session = at.state.session(command.session))
    endSession(*session, command.reason, at.stamp.now, decision.events);
  return decision;
}

// The process may be on its way out, in which case it will soon be gone: give it that time. Of one
// that was told to end, or is being killed, nothing else was expected.
Verdict decideCommand(const Situation& at, const RecordExecutorLost& command) {
  const Session* session = at.state.session(command.session);
  if (session == nullptr || session->state == SessionState::kTerminating || session->kill_began)
    return Decision{};
  if (session->state == SessionState::kDegraded && !session->awaits_kernel) return Decision{};
  return Decision{{SessionDegraded{session->id, fitReason(command.reason),
                                   at.in(at.policy.terminate_grace_ms)}},
                  {}};
}

// However many executors follow one another: the time in which one has to recover is one.
Verdict decideCommand(const Situation& at, const RecordExecutorReplaced& command) {
  const Session* session = at.state.session(command.session);
  if (session == nullptr || !session->mayBeResumed()) return Decision{};
  Timestamp deadline = at.in(at.policy.degraded_timeout_ms);
  if (session->awaits_recovery) deadline = session->deadline.value_or(deadline);
  return Decision{{SessionDegraded{session->id, fitReason(command.reason), deadline,
                                   DegradedCause::kExecutorReplaced}},
                  {}};
}

namespace {

Event startTimedOut(const Situation& at, const Session& session) {
  return SessionKillBegan{session.id, "The session did not become ready within " +
                                          std::to_string(at.policy.start_timeout_ms / 1000) +
                                          " s (session.start_timeout_s)."};
}

Event degradedTooLong(const Situation& at, const Session& session) {
  if (session.awaits_recovery)
    return SessionKillBegan{session.id,
                            "The executor, or what runs the code, was out of reach for " +
                                std::to_string(at.policy.degraded_timeout_ms / 1000) +
                                " s (session.degraded_timeout_s)."};
  if (!session.awaits_kernel)
    return SessionKillBegan{session.id, "The executor was lost and did not end."};
  return SessionKillBegan{session.id,
                          "The kernel died, and a fresh one did not become ready within " +
                              std::to_string(at.policy.start_timeout_ms / 1000) +
                              " s (session.start_timeout_s)."};
}

// The ladder of a cancellation: interrupt, kill the kernel, kill the executor.
Event codeDidNotStop(const Situation& at, const Session& session) {
  const auto& calculation = session.calculation;
  if (calculation && !calculation->kill_began)
    return CalculationKillBegan{calculation->id, session.id, at.in(at.policy.terminate_grace_ms)};
  return SessionKillBegan{session.id, "The executor did not stop canceled code and was killed."};
}

}  // namespace

Verdict decideCommand(const Situation& at, const ReachDeadline& command) {
  const Session* session = at.state.session(command.session);
  if (session == nullptr || !session->deadline || at.stamp.now < *session->deadline)
    return Decision{};
  switch (session->state) {
    case SessionState::kCreating:
    case SessionState::kCreated:
      return Decision{{startTimedOut(at, *session)}, {}};
    case SessionState::kIdle:
      return Decision{{terminationOf(at, session->id)}, {}};
    case SessionState::kBusy:
      return Decision{{codeDidNotStop(at, *session)}, {}};
    case SessionState::kTerminating:
      return Decision{{SessionKillBegan{session->id, session->termination_reason}}, {}};
    case SessionState::kDegraded:
      return Decision{{degradedTooLong(at, *session)}, {}};
    case SessionState::kTerminated:
    case SessionState::kFailed:
      break;
  }
  check(false, "ended sessions are not live");
  return Decision{};
}

}  // namespace glaux::core
