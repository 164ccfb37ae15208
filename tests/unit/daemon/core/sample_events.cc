#include "sample_events.h"

#include <utility>

namespace glaux::core {
namespace {

template <class IdType>
IdType id(std::uint8_t first) {
  IdType id;
  for (std::size_t i = 0; i < 16; ++i) id.bytes[i] = static_cast<std::uint8_t>(first + 7 * i);
  return id;
}

Digest digest(std::uint8_t first) {
  Digest digest;
  for (std::size_t i = 0; i < 32; ++i) digest[i] = static_cast<std::uint8_t>(first + 5 * i);
  return digest;
}

const SessionId kSession = id<SessionId>(0xA0);
const CalculationId kCalculation = id<CalculationId>(0x51);
const ExecutorId kExecutor = id<ExecutorId>(0x07);
const NotebookId kNotebook = id<NotebookId>(0xC4);
constexpr Timestamp kAt{1'763'600'000'123};

api::EngineConfiguration engineConfiguration() {
  api::EngineConfiguration configuration;
  configuration.coordinator_dpu_size = 1;
  configuration.max_concurrent_dpus = 20;
  configuration.default_executor_dpu_size = 1;
  configuration.additional_configs = {{"NotebookId", "n-1"}, {"A", "\u00e4"}};
  configuration.spark_properties = {{"spark.sql.shuffle.partitions", "8"}};
  configuration.classifications = {{"spark-defaults", {{"spark.app.name", "x"}}}};
  return configuration;
}

api::MonitoringConfiguration monitoringConfiguration() {
  api::MonitoringConfiguration configuration;
  auto& s3 = configuration.s3_logging_configuration.emplace();
  s3.enabled = true;
  s3.log_location = "s3://logs/x";
  return configuration;
}

WorkGroupCreated workGroupCreated() {
  WorkGroupCreated e;
  e.name = "analysts";
  e.description = "";  // given and empty, which is not absent
  e.configuration.result_configuration.emplace().output_location = "s3://results/a";
  e.configuration.engine_version = {"PySpark engine version 3", "PySpark engine version 3"};
  e.configuration.enforce_work_group_configuration = true;
  e.configuration.execution_role = "arn:aws:iam::123456789012:role/r";
  e.tags = {{"team", "data"}, {"empty", ""}, {"none", std::nullopt}};
  return e;
}

WorkGroupUpdated workGroupUpdated() {
  WorkGroupUpdated e;
  e.name = "analysts";
  e.state = api::WorkGroupState::kDisabled;
  e.description = "out of use";
  e.configuration = workGroupCreated().configuration;
  return e;
}

SessionStarted sessionStarted() {
  SessionStarted e;
  e.session = kSession;
  e.coordinator = kExecutor;
  e.work_group = "analysts";
  e.description = "nightly \u2603";
  e.engine_configuration = engineConfiguration();
  e.engine_version = "PySpark engine version 3";
  e.notebook_version = "Athena notebook version 1";
  e.execution_role = "arn:aws:iam::123456789012:role/r";
  e.monitoring_configuration = monitoringConfiguration();
  e.tags = {{"team", "data"}};
  e.idle_timeout_minutes = 20;
  e.working_directory = "s3://results/a/session/x";
  e.executor = "process";
  e.kernel = "python3";
  e.dpus = 20;
  e.start_deadline = kAt;
  return e;
}

SessionStarted sessionStartedPlainly() {
  SessionStarted e;
  e.session = kSession;
  e.work_group = "primary";
  return e;
}

SessionStarted sessionStartedEncrypted() {
  SessionStarted e = sessionStarted();
  e.encryption_configuration = {api::EncryptionOption::kSseKms, "alias/key"};
  return e;
}

SessionStarted sessionStartedWithNetwork() {
  SessionStarted e = sessionStartedEncrypted();
  e.network = "none";
  return e;
}

// As they were before sessions had an encryption configuration or a network, and being DEGRADED a
// cause.
std::vector<std::pair<std::string, Event>> eventsOfOlderShapes() {
  return {{"session_started", sessionStarted()},
          {"session_started_plainly", sessionStartedPlainly()},
          {"session_started_encrypted", sessionStartedEncrypted()},
          {"session_started_without_members", sessionStartedPlainly()},
          {"session_degraded", SessionDegraded{kSession, "connection reset", kAt}}};
}

std::vector<std::pair<std::string, Event>> events() {
  return {
      {"work_group_created", workGroupCreated()},
      {"work_group_updated", workGroupUpdated()},
      {"work_group_deleted", WorkGroupDeleted{"analysts"}},
      {"tags_changed_of_work_group",
       TagsChanged{"analysts", std::nullopt, {{"team", "data"}, {"empty", ""}}}},
      {"tags_changed_of_session", TagsChanged{"analysts", kSession, {}}},
      {"notebook_created", NotebookCreated{kNotebook, "analysts", "Sales \u2603", digest(3)}},
      {"notebook_updated", NotebookUpdated{kNotebook, digest(4)}},
      {"notebook_renamed", NotebookRenamed{kNotebook, "Sales 2"}},
      {"notebook_deleted", NotebookDeleted{kNotebook}},
      {"session_started_with_network", sessionStartedWithNetwork()},
      {"session_started_with_nothing", sessionStartedPlainly()},
      {"session_created", SessionCreated{kSession}},
      {"session_became_idle", SessionBecameIdle{kSession, kAt}},
      {"session_became_busy", SessionBecameBusy{kSession}},
      {"session_degraded_by_lost_connection", SessionDegraded{kSession, "connection reset", kAt}},
      {"session_degraded_out_of_reach",
       SessionDegraded{kSession, "no answer", kAt, DegradedCause::kOutOfReach}},
      {"session_degraded_executor_replaced",
       SessionDegraded{kSession, "killed by signal 9", kAt, DegradedCause::kExecutorReplaced}},
      {"session_kernel_died", SessionKernelDied{kSession, "killed by signal 9", kAt}},
      {"session_termination_began", SessionTerminationBegan{kSession, "per request", kAt}},
      {"session_kill_began", SessionKillBegan{kSession, "too late"}},
      {"session_terminated", SessionTerminated{kSession, "per request"}},
      {"session_failed", SessionFailed{kSession, "killed by signal 9"}},
      {"executor_changed", ExecutorChanged{kSession, kExecutor, api::ExecutorType::kWorker,
                                           api::ExecutorState::kRegistered, 3, kAt}},
      {"reports_received", ReportsReceived{kSession, 17}},
      {"usage_recorded", UsageRecorded{kSession, kExecutor, kCalculation, 123'456, 4'711}},
      {"calculation_code_read",
       CalculationCodeRead{kCalculation, kSession, "s3://code/a.py", digest(5)}},
      {"calculation_queued", CalculationQueued{kCalculation, kSession, "second"}},
      {"calculation_dequeued", CalculationDequeued{kCalculation, kSession}},
      {"calculation_submitted", CalculationSubmitted{kCalculation, kSession, "first"}},
      {"calculation_began", CalculationBegan{kCalculation, kSession, kAt}},
      {"calculation_progressed", CalculationProgressed{kCalculation, kSession, "40%"}},
      {"calculation_cancel_requested", CalculationCancelRequested{kCalculation, kSession, kAt}},
      {"calculation_cancel_requested_at_the_end",
       CalculationCancelRequested{kCalculation, kSession, std::nullopt}},
      {"calculation_kill_began", CalculationKillBegan{kCalculation, kSession, kAt}},
      {"calculation_completed", CalculationCompleted{kCalculation, kSession, kAt}},
      {"calculation_failed", CalculationFailed{kCalculation, kSession, "NameError", kAt}},
      {"calculation_canceled", CalculationCanceled{kCalculation, kSession, "interrupted", kAt}},
      {"token_remembered", TokenRemembered{digest(1), digest(2), kSession.bytes, kAt}},
  };
}

RecordBody fromExecutor(Event event) {
  RecordBody body;
  body.source = Source::kExecutor;
  body.operation = "ReceiveReports";
  body.outcome = std::vector{std::move(event)};
  return body;
}

RecordBody fromClient() {
  RecordBody body;
  body.principal = "AKIAIOSFODNN7EXAMPLE";
  body.request_id = "0b5d0f6e-1f9c-4c39-b0f5-0c7c3f5f3d11";
  body.operation = "StartCalculationExecution";
  return body;
}

}  // namespace

std::vector<SampleRecord> sampleRecords() {
  std::vector<SampleRecord> samples;
  for (auto& [name, event] : events()) samples.push_back({name, fromExecutor(std::move(event))});
  for (auto& [name, event] : eventsOfOlderShapes())
    samples.push_back({name, fromExecutor(std::move(event)), true});

  RecordBody accepted = fromClient();
  accepted.request = "{\"SessionId\":\"x\",\"CodeBlock\":\"\xff is not UTF-8\"}";
  accepted.outcome = std::vector<Event>{CalculationSubmitted{kCalculation, kSession, std::nullopt},
                                        SessionBecameBusy{kSession}};
  samples.push_back({"record_accepted", accepted});

  RecordBody in_blob = fromClient();
  in_blob.request_blob = digest(9);
  samples.push_back({"record_with_blob", in_blob});

  RecordBody refused = fromClient();
  refused.request = "{}";
  refused.outcome =
      tl::unexpected(RejectionText{"InvalidRequestException", "Idempotent parameters do not match",
                                   "IDEMPOTENT_PARAMETER_MISMATCH", "resource", "reason"});
  samples.push_back({"record_refused", refused});

  RecordBody deadline;
  deadline.source = Source::kDeadline;
  deadline.operation = "ReachDeadline";
  samples.push_back({"record_without_effect", deadline});
  return samples;
}

}  // namespace glaux::core
