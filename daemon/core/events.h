#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/sessions.h"
#include "api/types.h"
#include "api/work_groups.h"
#include "daemon/core/ids.h"

// The facts of glaux, in the past tense. State and views are functions of them and of nothing else.
// There is no version in this file: how each event was ever written is events.capnp's and
// event_codec's affair. Prefer a new event to a changed one.
//
// Deadlines stand in the events that set them, computed when the command was decided, so that
// applying an event never asks for a setting.
namespace glaux::core {

using api::Timestamp;
using Digest = std::array<std::uint8_t, 32>;

// ---- workgroups

struct WorkGroupCreated {
  std::string name;
  std::optional<std::string> description;
  api::WorkGroupConfiguration configuration;
  std::vector<api::Tag> tags;
  bool operator==(const WorkGroupCreated&) const = default;
};

// What the workgroup is from now on, all of it.
struct WorkGroupUpdated {
  std::string name;
  api::WorkGroupState state = api::WorkGroupState::kEnabled;
  std::optional<std::string> description;
  api::WorkGroupConfiguration configuration;
  bool operator==(const WorkGroupUpdated&) const = default;
};

// What was in it has been dealt with by events before this one.
struct WorkGroupDeleted {
  std::string name;
  bool operator==(const WorkGroupDeleted&) const = default;
};

// All tags of a workgroup, or of one of its live sessions, from now on.
struct TagsChanged {
  std::string work_group;
  std::optional<SessionId> session;  // nothing: the workgroup's own
  std::vector<api::Tag> tags;
  bool operator==(const TagsChanged&) const = default;
};

// ---- notebooks. Their content is a blob of the journal, named by its SHA-256.

struct NotebookCreated {
  NotebookId notebook;
  std::string work_group;
  std::string name;
  Digest content{};
  bool operator==(const NotebookCreated&) const = default;
};

struct NotebookUpdated {
  NotebookId notebook;
  Digest content{};
  bool operator==(const NotebookUpdated&) const = default;
};

struct NotebookRenamed {
  NotebookId notebook;
  std::string name;
  bool operator==(const NotebookRenamed&) const = default;
};

struct NotebookDeleted {
  NotebookId notebook;
  bool operator==(const NotebookDeleted&) const = default;
};

// ---- sessions, by the course of their life

struct SessionStarted {
  SessionId session;
  ExecutorId coordinator;
  std::string work_group;
  std::optional<std::string> description;
  api::EngineConfiguration engine_configuration;
  std::string engine_version;
  std::optional<std::string> notebook_version;
  std::optional<std::string> execution_role;
  std::optional<api::MonitoringConfiguration> monitoring_configuration;
  std::vector<api::Tag> tags;
  std::int64_t idle_timeout_minutes = 0;
  // Where the session's objects lie: s3://bucket/prefix/session/<id>, without a slash at the end.
  std::string working_directory;
  std::string executor;  // the plugin's name
  std::string kernel;
  std::int64_t dpus = 0;  // what the session holds of the node's capacity until it ends
  Timestamp start_deadline;
  std::optional<api::EncryptionConfiguration> encryption_configuration;  // of its objects
  std::optional<std::string> network;  // a name of api::Network, if the workgroup asked for one
  bool operator==(const SessionStarted&) const = default;
};

// The executor has its resources and is up. SessionBecameIdle follows in the same record: clients
// exist that take CREATED for ready.
struct SessionCreated {
  SessionId session;
  bool operator==(const SessionCreated&) const = default;
};

struct SessionBecameIdle {
  SessionId session;
  Timestamp idle_deadline;
  bool operator==(const SessionBecameIdle&) const = default;
};

struct SessionBecameBusy {
  SessionId session;
  bool operator==(const SessionBecameBusy&) const = default;
};

// Nobody knows for the moment how the session's code is doing. After any cause but a lost
// connection it may go on: SessionBecameIdle or SessionBecameBusy.
enum class DegradedCause : std::uint8_t { kConnectionLost, kOutOfReach, kExecutorReplaced };

struct SessionDegraded {
  SessionId session;
  std::string reason;
  Timestamp deadline;
  DegradedCause cause = DegradedCause::kConnectionLost;
  bool operator==(const SessionDegraded&) const = default;
};

// What ran the session's code died, and its variables with it. The executor is starting a fresh
// kernel, with which the session goes on: SessionBecameIdle or SessionBecameBusy.
struct SessionKernelDied {
  SessionId session;
  std::string reason;
  Timestamp deadline;
  bool operator==(const SessionKernelDied&) const = default;
};

struct SessionTerminationBegan {
  SessionId session;
  std::string reason;
  Timestamp deadline;
  bool operator==(const SessionTerminationBegan&) const = default;
};

// The executor did not end by itself in time and is being killed.
struct SessionKillBegan {
  SessionId session;
  std::string reason;
  bool operator==(const SessionKillBegan&) const = default;
};

struct SessionTerminated {
  SessionId session;
  std::string reason;
  bool operator==(const SessionTerminated&) const = default;
};

struct SessionFailed {
  SessionId session;
  std::string reason;
  bool operator==(const SessionFailed&) const = default;
};

// ---- executors and their reports

struct ExecutorChanged {
  SessionId session;
  ExecutorId executor;
  api::ExecutorType type = api::ExecutorType::kCoordinator;
  api::ExecutorState state = api::ExecutorState::kCreating;
  std::int64_t dpus = 0;
  Timestamp at;
  bool operator==(const ExecutorChanged&) const = default;
};

// All reports of the session up to this number are in the journal; the executor may forget them.
struct ReportsReceived {
  SessionId session;
  std::uint64_t through = 0;
  bool operator==(const ReportsReceived&) const = default;
};

// Totals, not differences: a report counted twice would change nothing.
struct UsageRecorded {
  SessionId session;
  ExecutorId executor;
  CalculationId calculation;
  std::int64_t executor_dpu_millis = 0;
  std::int64_t calculation_dpu_millis = 0;
  bool operator==(const UsageRecorded&) const = default;
};

// ---- calculations

// The code block was the URI of an object, whose bytes at that moment are what runs: a blob of the
// journal. The calculation itself is told of in the same record.
struct CalculationCodeRead {
  CalculationId calculation;
  SessionId session;
  std::string uri;
  Digest code{};
  bool operator==(const CalculationCodeRead&) const = default;
};

// The session is busy, and its workgroup lets calculations wait.
struct CalculationQueued {
  CalculationId calculation;
  SessionId session;
  std::optional<std::string> description;
  bool operator==(const CalculationQueued&) const = default;
};

// The first of the queue becomes the calculation that its session runs.
struct CalculationDequeued {
  CalculationId calculation;
  SessionId session;
  bool operator==(const CalculationDequeued&) const = default;
};

struct CalculationSubmitted {
  CalculationId calculation;
  SessionId session;
  std::optional<std::string> description;
  bool operator==(const CalculationSubmitted&) const = default;
};

struct CalculationBegan {
  CalculationId calculation;
  SessionId session;
  Timestamp at;
  bool operator==(const CalculationBegan&) const = default;
};

struct CalculationProgressed {
  CalculationId calculation;
  SessionId session;
  std::string progress;
  bool operator==(const CalculationProgressed&) const = default;
};

struct CalculationCancelRequested {
  CalculationId calculation;
  SessionId session;
  // When the kernel is killed. Nothing if the session is ending, and the code with it: then the
  // session's own deadline goes on.
  std::optional<Timestamp> kill_deadline;
  bool operator==(const CalculationCancelRequested&) const = default;
};

// Interrupting did not stop the code; its kernel is being killed.
struct CalculationKillBegan {
  CalculationId calculation;
  SessionId session;
  Timestamp deadline;
  bool operator==(const CalculationKillBegan&) const = default;
};

struct CalculationCompleted {
  CalculationId calculation;
  SessionId session;
  Timestamp at;
  bool operator==(const CalculationCompleted&) const = default;
};

struct CalculationFailed {
  CalculationId calculation;
  SessionId session;
  std::string reason;
  Timestamp at;
  bool operator==(const CalculationFailed&) const = default;
};

struct CalculationCanceled {
  CalculationId calculation;
  SessionId session;
  std::string reason;
  Timestamp at;
  bool operator==(const CalculationCanceled&) const = default;
};

// ---- idempotency

// `token` is a digest over principal, operation and ClientRequestToken; `parameters` one over the
// request without its token. A later request with the same token is answered with `result`.
struct TokenRemembered {
  Digest token{};
  Digest parameters{};
  IdBytes result{};
  Timestamp expires;
  bool operator==(const TokenRemembered&) const = default;
};

using Event =
    std::variant<WorkGroupCreated, WorkGroupUpdated, WorkGroupDeleted, TagsChanged, NotebookCreated,
                 NotebookUpdated, NotebookRenamed, NotebookDeleted, SessionStarted, SessionCreated,
                 SessionBecameIdle, SessionBecameBusy, SessionDegraded, SessionTerminationBegan,
                 SessionKillBegan, SessionTerminated, SessionFailed, ExecutorChanged,
                 ReportsReceived, UsageRecorded, CalculationCodeRead, CalculationQueued,
                 CalculationDequeued, CalculationSubmitted, CalculationBegan, CalculationProgressed,
                 CalculationCancelRequested, CalculationKillBegan, CalculationCompleted,
                 CalculationFailed, CalculationCanceled, TokenRemembered, SessionKernelDied>;

}  // namespace glaux::core
