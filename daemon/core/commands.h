#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "api/calculations.h"
#include "api/errors.h"
#include "api/notebooks.h"
#include "api/sessions.h"
#include "api/tags.h"
#include "api/work_groups.h"
#include "daemon/core/events.h"
#include "daemon/core/ids.h"

// What can be asked of the core: the API's mutating verbs, reports from executors, what the
// daemon saw of an executor's process, and deadlines reached.
namespace glaux::core {

// Everything a command needs that a pure function cannot have. `sequence` is the one the command's
// record will get; `ids` are fresh random bytes, used in order for whatever is created.
struct Stamp {
  std::uint64_t sequence = 0;
  Timestamp now;
  std::array<IdBytes, 2> ids{};
};

// A ClientRequestToken as the core sees it, see TokenRemembered.
struct IdempotencyToken {
  Digest token{};
  Digest parameters{};
};

// Which plugin and kernel will carry a session. Finding them means looking at the machine, so the
// edge does it, and hands in the refusal when there is none.
struct Placement {
  std::string executor;
  std::string kernel;
};

// The content of a notebook, or a code block that stands in an object, as its digest: reading and
// checking it means looking at the machine and at megabytes, so the edge does it, keeps the bytes
// for the journal, and hands in the refusal when there is something wrong with them.
using Content = tl::expected<Digest, api::Error>;

struct StartSession {
  api::StartSessionRequest request;
  tl::expected<Placement, api::Error> placement;
  std::optional<IdempotencyToken> token;
};

struct TerminateSession {
  api::TerminateSessionRequest request;
};

struct StartCalculation {
  api::StartCalculationExecutionRequest request;
  std::optional<IdempotencyToken> token;
  std::optional<Content> content;  // if the code stands in an object
};

struct StopCalculation {
  api::StopCalculationExecutionRequest request;
};

struct CreateWorkGroup {
  api::CreateWorkGroupRequest request;
};

struct UpdateWorkGroup {
  api::UpdateWorkGroupRequest request;
};

struct DeleteWorkGroup {
  api::DeleteWorkGroupRequest request;
};

struct TagResource {
  api::TagResourceRequest request;
};

struct UntagResource {
  api::UntagResourceRequest request;
};

struct CreateNotebook {
  api::CreateNotebookRequest request;
  Content content;
  std::optional<IdempotencyToken> token;
};

struct ImportNotebook {
  api::ImportNotebookRequest request;  // without its payload
  Content content;
  std::optional<IdempotencyToken> token;
};

struct UpdateNotebook {
  api::UpdateNotebookRequest request;  // without its payload
  Content content;
  std::optional<IdempotencyToken> token;
};

struct UpdateNotebookMetadata {
  api::UpdateNotebookMetadataRequest request;
  std::optional<IdempotencyToken> token;
};

struct DeleteNotebook {
  api::DeleteNotebookRequest request;
};

// ---- reports, in the order the executor numbered them; plugins/protocol/executor.capnp

namespace report {

struct SessionReady {};

struct ExecutorChanged {
  ExecutorId executor;
  api::ExecutorType type = api::ExecutorType::kCoordinator;
  api::ExecutorState state = api::ExecutorState::kCreated;
  std::int64_t dpus = 0;
};

struct CalculationStarted {
  CalculationId calculation;
};

struct Progress {
  CalculationId calculation;
  std::string progress;
};

struct Usage {
  ExecutorId executor;
  CalculationId calculation;
  std::int64_t executor_dpu_millis = 0;
  std::int64_t calculation_dpu_millis = 0;
};

enum class Outcome : std::uint8_t { kCompleted, kFailed, kCanceled };

struct CalculationFinished {
  CalculationId calculation;
  Outcome outcome = Outcome::kCompleted;
  std::string reason;
  std::optional<Usage> usage;  // final totals
};

struct SessionEnded {
  bool orderly = false;
  std::string reason;
};

// What ran the code is gone, and is being started again; SessionReady follows.
struct KernelDied {
  std::string reason;
};

// What runs the code is out of the executor's reach, and may be alive; Recovered may follow.
struct Degraded {
  std::string reason;
};

// It is in reach again, and has lost nothing.
struct Recovered {};

// Of a later version of the contract: counted, and nothing else.
struct Unknown {};

using Body =
    std::variant<SessionReady, ExecutorChanged, CalculationStarted, Progress, Usage,
                 CalculationFinished, SessionEnded, KernelDied, Degraded, Recovered, Unknown>;

}  // namespace report

struct Report {
  std::uint64_t number = 0;
  Timestamp at;
  report::Body body;
};

struct ReceiveReports {
  SessionId session;
  std::vector<Report> reports;
};

// The executor's process and everything it started are known to be gone (or never came to be).
struct RecordExecutorGone {
  SessionId session;
  std::string reason;
};

// The connection broke; the process may still be there.
struct RecordExecutorLost {
  SessionId session;
  std::string reason;
};

// The executor's process has ended, but its code may go on: another process is to take its place.
// For sessions that may be resumed.
struct RecordExecutorReplaced {
  SessionId session;
  std::string reason;
};

struct ReachDeadline {
  SessionId session;
};

using Command =
    std::variant<StartSession, TerminateSession, StartCalculation, StopCalculation, CreateWorkGroup,
                 UpdateWorkGroup, DeleteWorkGroup, TagResource, UntagResource, CreateNotebook,
                 ImportNotebook, UpdateNotebook, UpdateNotebookMetadata, DeleteNotebook,
                 ReceiveReports, RecordExecutorGone, RecordExecutorLost, RecordExecutorReplaced,
                 ReachDeadline>;

}  // namespace glaux::core
