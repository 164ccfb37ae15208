#include "daemon/core/stored_events.h"

#include "daemon/core/stored.h"
#include "daemon/core/stored_api.h"
#include "daemon/core/stored_work_groups.h"

namespace glaux::core {
namespace {

// ---- sessions

void write(const SessionStarted& e, stored::SessionStarted::Builder out) {
  putId(out.getSession(), e.session);
  putId(out.getCoordinator(), e.coordinator);
  out.setWorkGroup(asText(e.work_group));
  if (e.description) out.setDescription(asText(*e.description));
  if (e.engine_configuration != api::EngineConfiguration{})
    out.setEngineConfiguration(asText(api::encode(e.engine_configuration)));
  out.setEngineVersion(asText(e.engine_version));
  if (e.notebook_version) out.setNotebookVersion(asText(*e.notebook_version));
  if (e.execution_role) out.setExecutionRole(asText(*e.execution_role));
  if (e.monitoring_configuration)
    out.setMonitoringConfiguration(asText(api::encode(*e.monitoring_configuration)));
  if (!e.tags.empty()) putTags(out.initTags(static_cast<unsigned>(e.tags.size())), e.tags);
  out.setIdleTimeoutMinutes(e.idle_timeout_minutes);
  out.setWorkingDirectory(asText(e.working_directory));
  out.setExecutor(asText(e.executor));
  out.setKernel(asText(e.kernel));
  out.setDpus(e.dpus);
  out.setStartDeadline(e.start_deadline.ms);
  if (e.encryption_configuration)
    out.setEncryptionConfiguration(asText(api::encode(*e.encryption_configuration)));
  if (e.network) out.setNetwork(asText(*e.network));
}

SessionStarted read(stored::SessionStarted::Reader in) {
  SessionStarted e;
  e.session = idFrom<SessionId>(in.getSession());
  e.coordinator = idFrom<ExecutorId>(in.getCoordinator());
  e.work_group = fromText(in.getWorkGroup());
  if (in.hasDescription()) e.description = fromText(in.getDescription());
  if (in.hasEngineConfiguration())
    e.engine_configuration = fromJson<api::EngineConfiguration>(in.getEngineConfiguration());
  e.engine_version = fromText(in.getEngineVersion());
  if (in.hasNotebookVersion()) e.notebook_version = fromText(in.getNotebookVersion());
  if (in.hasExecutionRole()) e.execution_role = fromText(in.getExecutionRole());
  if (in.hasMonitoringConfiguration())
    e.monitoring_configuration =
        fromJson<api::MonitoringConfiguration>(in.getMonitoringConfiguration());
  e.tags = tagsFrom(in.getTags());
  e.idle_timeout_minutes = in.getIdleTimeoutMinutes();
  e.working_directory = fromText(in.getWorkingDirectory());
  e.executor = fromText(in.getExecutor());
  e.kernel = fromText(in.getKernel());
  e.dpus = in.getDpus();
  e.start_deadline.ms = in.getStartDeadline();
  if (in.hasEncryptionConfiguration())
    e.encryption_configuration =
        fromJson<api::EncryptionConfiguration>(in.getEncryptionConfiguration());
  if (in.hasNetwork()) e.network = fromText(in.getNetwork());
  return e;
}

void write(const SessionBecameIdle& e, stored::SessionBecameIdle::Builder out) {
  putId(out.getSession(), e.session);
  out.setIdleDeadline(e.idle_deadline.ms);
}

SessionBecameIdle read(stored::SessionBecameIdle::Reader in) {
  return {idFrom<SessionId>(in.getSession()), {in.getIdleDeadline()}};
}

// Several events of a session tell the same things.

template <class Happened, class Out>
void writeSession(const Happened& e, Out out) {
  putId(out.getSession(), e.session);
}

template <class Happened, class In>
Happened readSession(In in) {
  return {idFrom<SessionId>(in.getSession())};
}

template <class Happened, class Out>
void writeReason(const Happened& e, Out out) {
  putId(out.getSession(), e.session);
  out.setReason(asText(e.reason));
}

template <class Happened, class In>
Happened readReason(In in) {
  return {idFrom<SessionId>(in.getSession()), fromText(in.getReason())};
}

template <class Happened, class Out>
void writeReasonAndDeadline(const Happened& e, Out out) {
  writeReason(e, out);
  out.setDeadline(e.deadline.ms);
}

template <class Happened, class In>
Happened readReasonAndDeadline(In in) {
  return {idFrom<SessionId>(in.getSession()), fromText(in.getReason()), {in.getDeadline()}};
}

SessionDegraded read(stored::SessionDegraded::Reader in) {
  auto degraded = readReasonAndDeadline<SessionDegraded>(in);
  degraded.cause = sameOrdinal(in.getCause(), DegradedCause::kExecutorReplaced);
  return degraded;
}

// ---- executors

void write(const ExecutorChanged& e, stored::ExecutorChanged::Builder out) {
  putId(out.getSession(), e.session);
  putId(out.getExecutor(), e.executor);
  out.setType(sameOrdinal(e.type, stored::ExecutorType::WORKER));
  out.setState(sameOrdinal(e.state, stored::ExecutorState::FAILED));
  out.setDpus(e.dpus);
  out.setAt(e.at.ms);
}

ExecutorChanged read(stored::ExecutorChanged::Reader in) {
  return {.session = idFrom<SessionId>(in.getSession()),
          .executor = idFrom<ExecutorId>(in.getExecutor()),
          .type = sameOrdinal(in.getType(), api::ExecutorType::kWorker),
          .state = sameOrdinal(in.getState(), api::ExecutorState::kFailed),
          .dpus = in.getDpus(),
          .at = {in.getAt()}};
}

void write(const ReportsReceived& e, stored::ReportsReceived::Builder out) {
  putId(out.getSession(), e.session);
  out.setThrough(e.through);
}

ReportsReceived read(stored::ReportsReceived::Reader in) {
  return {idFrom<SessionId>(in.getSession()), in.getThrough()};
}

void write(const UsageRecorded& e, stored::UsageRecorded::Builder out) {
  putId(out.getSession(), e.session);
  putId(out.getExecutor(), e.executor);
  putId(out.getCalculation(), e.calculation);
  out.setExecutorDpuMillis(e.executor_dpu_millis);
  out.setCalculationDpuMillis(e.calculation_dpu_millis);
}

UsageRecorded read(stored::UsageRecorded::Reader in) {
  return {.session = idFrom<SessionId>(in.getSession()),
          .executor = idFrom<ExecutorId>(in.getExecutor()),
          .calculation = idFrom<CalculationId>(in.getCalculation()),
          .executor_dpu_millis = in.getExecutorDpuMillis(),
          .calculation_dpu_millis = in.getCalculationDpuMillis()};
}

// ---- calculations

template <class Happened, class Out>
void putCalculation(const Happened& e, Out out) {
  putId(out.getCalculation(), e.calculation);
  putId(out.getSession(), e.session);
}

template <class Happened, class In>
Happened calculationFrom(In in) {
  Happened e;
  e.calculation = idFrom<CalculationId>(in.getCalculation());
  e.session = idFrom<SessionId>(in.getSession());
  return e;
}

void write(const CalculationCodeRead& e, stored::CalculationCodeRead::Builder out) {
  putCalculation(e, out);
  out.setUri(asText(e.uri));
  out.setCode(asData(e.code));
}

CalculationCodeRead read(stored::CalculationCodeRead::Reader in) {
  auto e = calculationFrom<CalculationCodeRead>(in);
  e.uri = fromText(in.getUri());
  e.code = arrayFrom<32>(in.getCode());
  return e;
}

// CalculationSubmitted and CalculationQueued.
template <class Happened, class Out>
void writeArrival(const Happened& e, Out out) {
  putCalculation(e, out);
  if (e.description) out.setDescription(asText(*e.description));
}

template <class Happened, class In>
Happened readArrival(In in) {
  auto e = calculationFrom<Happened>(in);
  if (in.hasDescription()) e.description = fromText(in.getDescription());
  return e;
}

void write(const CalculationProgressed& e, stored::CalculationProgressed::Builder out) {
  putCalculation(e, out);
  out.setProgress(asText(e.progress));
}

CalculationProgressed read(stored::CalculationProgressed::Reader in) {
  auto e = calculationFrom<CalculationProgressed>(in);
  e.progress = fromText(in.getProgress());
  return e;
}

void write(const CalculationCancelRequested& e, stored::CalculationCancelRequested::Builder out) {
  putCalculation(e, out);
  if (e.kill_deadline) out.getKillDeadline().setAt(e.kill_deadline->ms);
}

CalculationCancelRequested read(stored::CalculationCancelRequested::Reader in) {
  auto e = calculationFrom<CalculationCancelRequested>(in);
  auto deadline = in.getKillDeadline();
  if (deadline.isAt()) e.kill_deadline = Timestamp{deadline.getAt()};
  return e;
}

void write(const CalculationKillBegan& e, stored::CalculationKillBegan::Builder out) {
  putCalculation(e, out);
  out.setDeadline(e.deadline.ms);
}

CalculationKillBegan read(stored::CalculationKillBegan::Reader in) {
  auto e = calculationFrom<CalculationKillBegan>(in);
  e.deadline.ms = in.getDeadline();
  return e;
}

template <class Happened, class Out>
void writeCalculationAt(const Happened& e, Out out) {
  putCalculation(e, out);
  out.setAt(e.at.ms);
}

template <class Happened, class In>
Happened readCalculationAt(In in) {
  auto e = calculationFrom<Happened>(in);
  e.at.ms = in.getAt();
  return e;
}

template <class Happened, class Out>
void writeCalculationReason(const Happened& e, Out out) {
  writeCalculationAt(e, out);
  out.setReason(asText(e.reason));
}

template <class Happened, class In>
Happened readCalculationReason(In in) {
  auto e = readCalculationAt<Happened>(in);
  e.reason = fromText(in.getReason());
  return e;
}

// ---- idempotency

void write(const TokenRemembered& e, stored::TokenRemembered::Builder out) {
  out.setToken(asData(e.token));
  out.setParameters(asData(e.parameters));
  putIdBytes(out.getResult(), e.result);
  out.setExpires(e.expires.ms);
}

TokenRemembered read(stored::TokenRemembered::Reader in) {
  return {.token = arrayFrom<32>(in.getToken()),
          .parameters = arrayFrom<32>(in.getParameters()),
          .result = idBytes(in.getResult()),
          .expires = {in.getExpires()}};
}

// ---- all of them

struct EventWriter {
  stored::Event::Builder out;

  void operator()(const WorkGroupCreated& e) { write(e, out.initWorkGroupCreated()); }
  void operator()(const WorkGroupUpdated& e) { write(e, out.initWorkGroupUpdated()); }
  void operator()(const WorkGroupDeleted& e) { write(e, out.initWorkGroupDeleted()); }
  void operator()(const TagsChanged& e) { write(e, out.initTagsChanged()); }
  void operator()(const NotebookCreated& e) { write(e, out.initNotebookCreated()); }
  void operator()(const NotebookUpdated& e) { write(e, out.initNotebookUpdated()); }
  void operator()(const NotebookRenamed& e) { write(e, out.initNotebookRenamed()); }
  void operator()(const NotebookDeleted& e) { write(e, out.initNotebookDeleted()); }
  void operator()(const SessionStarted& e) { write(e, out.initSessionStarted()); }
  void operator()(const SessionCreated& e) { writeSession(e, out.initSessionCreated()); }
  void operator()(const SessionBecameIdle& e) { write(e, out.initSessionBecameIdle()); }
  void operator()(const SessionBecameBusy& e) { writeSession(e, out.initSessionBecameBusy()); }
  void operator()(const SessionDegraded& e) {
    auto degraded = out.initSessionDegraded();
    writeReasonAndDeadline(e, degraded);
    degraded.setCause(sameOrdinal(e.cause, stored::SessionDegraded::Cause::EXECUTOR_REPLACED));
  }
  void operator()(const SessionKernelDied& e) {
    writeReasonAndDeadline(e, out.initSessionKernelDied());
  }
  void operator()(const SessionTerminationBegan& e) {
    writeReasonAndDeadline(e, out.initSessionTerminationBegan());
  }
  void operator()(const SessionKillBegan& e) { writeReason(e, out.initSessionKillBegan()); }
  void operator()(const SessionTerminated& e) { writeReason(e, out.initSessionTerminated()); }
  void operator()(const SessionFailed& e) { writeReason(e, out.initSessionFailed()); }
  void operator()(const ExecutorChanged& e) { write(e, out.initExecutorChanged()); }
  void operator()(const ReportsReceived& e) { write(e, out.initReportsReceived()); }
  void operator()(const UsageRecorded& e) { write(e, out.initUsageRecorded()); }
  void operator()(const CalculationSubmitted& e) {
    writeArrival(e, out.initCalculationSubmitted());
  }
  void operator()(const CalculationCodeRead& e) { write(e, out.initCalculationCodeRead()); }
  void operator()(const CalculationQueued& e) { writeArrival(e, out.initCalculationQueued()); }
  void operator()(const CalculationDequeued& e) {
    putCalculation(e, out.initCalculationDequeued());
  }
  void operator()(const CalculationBegan& e) { writeCalculationAt(e, out.initCalculationBegan()); }
  void operator()(const CalculationProgressed& e) { write(e, out.initCalculationProgressed()); }
  void operator()(const CalculationCancelRequested& e) {
    write(e, out.initCalculationCancelRequested());
  }
  void operator()(const CalculationKillBegan& e) { write(e, out.initCalculationKillBegan()); }
  void operator()(const CalculationCompleted& e) {
    writeCalculationAt(e, out.initCalculationCompleted());
  }
  void operator()(const CalculationFailed& e) {
    writeCalculationReason(e, out.initCalculationFailed());
  }
  void operator()(const CalculationCanceled& e) {
    writeCalculationReason(e, out.initCalculationCanceled());
  }
  void operator()(const TokenRemembered& e) { write(e, out.initTokenRemembered()); }
};

}  // namespace

void writeEvent(const Event& event, stored::Event::Builder out) {
  std::visit(EventWriter{out}, event);
}

Event readEvent(stored::Event::Reader in) {
  switch (in.which()) {
    case stored::Event::WORK_GROUP_CREATED:
      return read(in.getWorkGroupCreated());
    case stored::Event::WORK_GROUP_UPDATED:
      return read(in.getWorkGroupUpdated());
    case stored::Event::WORK_GROUP_DELETED:
      return read(in.getWorkGroupDeleted());
    case stored::Event::TAGS_CHANGED:
      return read(in.getTagsChanged());
    case stored::Event::NOTEBOOK_CREATED:
      return read(in.getNotebookCreated());
    case stored::Event::NOTEBOOK_UPDATED:
      return read(in.getNotebookUpdated());
    case stored::Event::NOTEBOOK_RENAMED:
      return read(in.getNotebookRenamed());
    case stored::Event::NOTEBOOK_DELETED:
      return read(in.getNotebookDeleted());
    case stored::Event::SESSION_STARTED:
      return read(in.getSessionStarted());
    case stored::Event::SESSION_CREATED:
      return readSession<SessionCreated>(in.getSessionCreated());
    case stored::Event::SESSION_BECAME_IDLE:
      return read(in.getSessionBecameIdle());
    case stored::Event::SESSION_BECAME_BUSY:
      return readSession<SessionBecameBusy>(in.getSessionBecameBusy());
    case stored::Event::SESSION_DEGRADED:
      return read(in.getSessionDegraded());
    case stored::Event::SESSION_KERNEL_DIED:
      return readReasonAndDeadline<SessionKernelDied>(in.getSessionKernelDied());
    case stored::Event::SESSION_TERMINATION_BEGAN:
      return readReasonAndDeadline<SessionTerminationBegan>(in.getSessionTerminationBegan());
    case stored::Event::SESSION_KILL_BEGAN:
      return readReason<SessionKillBegan>(in.getSessionKillBegan());
    case stored::Event::SESSION_TERMINATED:
      return readReason<SessionTerminated>(in.getSessionTerminated());
    case stored::Event::SESSION_FAILED:
      return readReason<SessionFailed>(in.getSessionFailed());
    case stored::Event::EXECUTOR_CHANGED:
      return read(in.getExecutorChanged());
    case stored::Event::REPORTS_RECEIVED:
      return read(in.getReportsReceived());
    case stored::Event::USAGE_RECORDED:
      return read(in.getUsageRecorded());
    case stored::Event::CALCULATION_SUBMITTED:
      return readArrival<CalculationSubmitted>(in.getCalculationSubmitted());
    case stored::Event::CALCULATION_CODE_READ:
      return read(in.getCalculationCodeRead());
    case stored::Event::CALCULATION_QUEUED:
      return readArrival<CalculationQueued>(in.getCalculationQueued());
    case stored::Event::CALCULATION_DEQUEUED:
      return calculationFrom<CalculationDequeued>(in.getCalculationDequeued());
    case stored::Event::CALCULATION_BEGAN:
      return readCalculationAt<CalculationBegan>(in.getCalculationBegan());
    case stored::Event::CALCULATION_PROGRESSED:
      return read(in.getCalculationProgressed());
    case stored::Event::CALCULATION_CANCEL_REQUESTED:
      return read(in.getCalculationCancelRequested());
    case stored::Event::CALCULATION_KILL_BEGAN:
      return read(in.getCalculationKillBegan());
    case stored::Event::CALCULATION_COMPLETED:
      return readCalculationAt<CalculationCompleted>(in.getCalculationCompleted());
    case stored::Event::CALCULATION_FAILED:
      return readCalculationReason<CalculationFailed>(in.getCalculationFailed());
    case stored::Event::CALCULATION_CANCELED:
      return readCalculationReason<CalculationCanceled>(in.getCalculationCanceled());
    case stored::Event::TOKEN_REMEMBERED:
      return read(in.getTokenRemembered());
  }
  KJ_FAIL_REQUIRE("an event of a later version", static_cast<unsigned>(in.which()));
}

}  // namespace glaux::core
