#include "api/sessions.h"

#include "api/constraints.h"
#include "api/field.h"
#include "api/shapes.h"

namespace glaux::api {

using namespace constraints;

template <>
const Shape& shapeOf<SessionConfiguration>() {
  using T = SessionConfiguration;
  static constexpr Field kFields[] = {
      field<&T::execution_role>("ExecutionRole", kOptional),
      field<&T::working_directory>("WorkingDirectory", kOptional),
      field<&T::idle_timeout_seconds>("IdleTimeoutSeconds", kOptional),
      field<&T::session_idle_timeout_in_minutes>("SessionIdleTimeoutInMinutes", kOptional),
      field<&T::encryption_configuration>("EncryptionConfiguration", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<SessionStatus>() {
  using T = SessionStatus;
  static constexpr Field kFields[] = {
      field<&T::start_date_time>("StartDateTime", kOptional),
      field<&T::last_modified_date_time>("LastModifiedDateTime", kOptional),
      field<&T::end_date_time>("EndDateTime", kOptional),
      field<&T::idle_since_date_time>("IdleSinceDateTime", kOptional),
      field<&T::state>("State", kRequired),
      field<&T::state_change_reason>("StateChangeReason", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<SessionStatistics>() {
  using T = SessionStatistics;
  static constexpr Field kFields[] = {
      field<&T::dpu_execution_in_millis>("DpuExecutionInMillis", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<SessionSummary>() {
  using T = SessionSummary;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired),
      field<&T::description>("Description", kOptional),
      field<&T::engine_version>("EngineVersion", kOptional),
      field<&T::notebook_version>("NotebookVersion", kOptional),
      field<&T::status>("Status", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<StartSessionRequest>() {
  using T = StartSessionRequest;
  static constexpr Field kFields[] = {
      field<&T::work_group>("WorkGroup", kRequired, kWorkGroupName),
      field<&T::engine_configuration>("EngineConfiguration", kRequired),
      field<&T::description>("Description", kOptional, kDescription),
      field<&T::execution_role>("ExecutionRole", kOptional, kRoleArn),
      field<&T::monitoring_configuration>("MonitoringConfiguration", kOptional),
      field<&T::notebook_version>("NotebookVersion", kOptional, kNameString),
      field<&T::session_idle_timeout_in_minutes>("SessionIdleTimeoutInMinutes", kOptional,
                                                 kSessionIdleTimeoutInMinutes),
      field<&T::client_request_token>("ClientRequestToken", kOptional, kIdempotencyToken),
      field<&T::tags>("Tags", kOptional),
      field<&T::copy_work_group_tags>("CopyWorkGroupTags", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<StartSessionResponse>() {
  using T = StartSessionResponse;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired),
      field<&T::state>("State", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetSessionRequest>() {
  using T = GetSessionRequest;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired, kSessionId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetSessionResponse>() {
  using T = GetSessionResponse;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired),
      field<&T::description>("Description", kOptional),
      field<&T::work_group>("WorkGroup", kRequired),
      field<&T::engine_version>("EngineVersion", kOptional),
      field<&T::engine_configuration>("EngineConfiguration", kOptional),
      field<&T::notebook_version>("NotebookVersion", kOptional),
      field<&T::monitoring_configuration>("MonitoringConfiguration", kOptional),
      field<&T::session_configuration>("SessionConfiguration", kOptional),
      field<&T::status>("Status", kRequired),
      field<&T::statistics>("Statistics", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetSessionStatusRequest>() {
  using T = GetSessionStatusRequest;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired, kSessionId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetSessionStatusResponse>() {
  using T = GetSessionStatusResponse;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired),
      field<&T::status>("Status", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListSessionsRequest>() {
  using T = ListSessionsRequest;
  static constexpr Field kFields[] = {
      field<&T::work_group>("WorkGroup", kRequired, kWorkGroupName),
      field<&T::state_filter>("StateFilter", kOptional),
      field<&T::max_results>("MaxResults", kOptional, kMaxResults),
      field<&T::next_token>("NextToken", kOptional, kSessionManagerToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListSessionsResponse>() {
  using T = ListSessionsResponse;
  static constexpr Field kFields[] = {
      field<&T::next_token>("NextToken", kOptional),
      field<&T::sessions>("Sessions", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<TerminateSessionRequest>() {
  using T = TerminateSessionRequest;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired, kSessionId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<TerminateSessionResponse>() {
  using T = TerminateSessionResponse;
  static constexpr Field kFields[] = {
      field<&T::state>("State", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListExecutorsRequest>() {
  using T = ListExecutorsRequest;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired, kSessionId),
      field<&T::executor_state_filter>("ExecutorStateFilter", kOptional),
      field<&T::max_results>("MaxResults", kOptional, kMaxResults),
      field<&T::next_token>("NextToken", kOptional, kSessionManagerToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ExecutorsSummary>() {
  using T = ExecutorsSummary;
  static constexpr Field kFields[] = {
      field<&T::executor_id>("ExecutorId", kRequired),
      field<&T::executor_type>("ExecutorType", kOptional),
      field<&T::start_date_time>("StartDateTime", kOptional),
      field<&T::termination_date_time>("TerminationDateTime", kOptional),
      field<&T::executor_state>("ExecutorState", kOptional),
      field<&T::executor_size>("ExecutorSize", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListExecutorsResponse>() {
  using T = ListExecutorsResponse;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired),
      field<&T::next_token>("NextToken", kOptional),
      field<&T::executors_summary>("ExecutorsSummary", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetSessionEndpointRequest>() {
  using T = GetSessionEndpointRequest;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired, kSessionId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CreatePresignedNotebookUrlRequest>() {
  using T = CreatePresignedNotebookUrlRequest;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired, kSessionId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetResourceDashboardRequest>() {
  using T = GetResourceDashboardRequest;
  static constexpr Field kFields[] = {
      field<&T::resource_arn>("ResourceARN", kRequired, kAmazonResourceName),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

}  // namespace glaux::api
