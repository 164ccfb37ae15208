#pragma once

#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "api/calculations.h"
#include "api/errors.h"
#include "api/notebooks.h"
#include "api/sessions.h"
#include "api/tags.h"
#include "api/work_groups.h"
#include "daemon/core/commands.h"
#include "daemon/core/events.h"
#include "daemon/core/state.h"

// The rules of glaux. `decide` says what happens because of a command, or why it is refused; it
// changes nothing. The caller applies the events and makes them durable before anybody learns of
// them.
namespace glaux::core {

// The settings that decisions depend on. Changing them changes no past decision: events carry
// what was derived from them.
struct Policy {
  std::int64_t capacity_dpus = 1000;
  std::int64_t default_session_dpus = 20;
  std::int64_t default_idle_timeout_minutes = 20;
  std::int64_t start_timeout_ms = 60'000;
  std::int64_t terminate_grace_ms = 5'000;
  std::int64_t degraded_timeout_ms = 600'000;
  std::int64_t interrupt_grace_ms = 3'000;
  std::int64_t token_retention_ms = 24 * 3'600'000;
  std::int64_t max_queued_calculations = 100;  // a session, in workgroups that queue
  std::string default_output_location = "s3://glaux";
  // What workgroups may select besides the service's own; see work_group.h.
  std::vector<std::string> engine_versions;
};

using Answer =
    std::variant<std::monostate, api::StartSessionResponse, api::TerminateSessionResponse,
                 api::StartCalculationExecutionResponse, api::StopCalculationExecutionResponse,
                 api::CreateWorkGroupResponse, api::UpdateWorkGroupResponse,
                 api::DeleteWorkGroupResponse, api::TagResourceResponse, api::UntagResourceResponse,
                 api::CreateNotebookResponse, api::ImportNotebookResponse,
                 api::UpdateNotebookResponse, api::UpdateNotebookMetadataResponse,
                 api::DeleteNotebookResponse>;

struct Decision {
  std::vector<Event> events;  // none: nothing changes, e.g. stopping what has ended
  Answer answer;              // to API commands
};

using Verdict = tl::expected<Decision, api::Error>;

Verdict decide(const State& state, const Policy& policy, const Stamp& stamp,
               const Command& command);

// What a session asks of its engine: its own configuration, and its workgroup's where it says
// nothing. Maps are joined by key.
api::EngineConfiguration withWorkGroupDefaults(const State& state,
                                               const api::StartSessionRequest& request);

// The facts every journal begins with: the workgroup `primary`, ready for Spark sessions.
std::vector<Event> firstEvents();

}  // namespace glaux::core
