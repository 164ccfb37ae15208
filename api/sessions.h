// Sessions and their executors: requests and responses.
//
// Members are the API's, in snake_case. Required request members are plain, optional ones
// std::optional. In responses a plain member is one that every answer carries; members that have
// no value are omitted on the wire, never null. Lists and maps: absent and empty mean the same
// unless std::optional.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/engines.h"
#include "api/tags.h"
#include "api/types.h"

namespace glaux::api {

struct SessionConfiguration {
  std::optional<std::string> execution_role;
  std::optional<std::string> working_directory;  // s3://bucket/prefix
  std::optional<std::int64_t> idle_timeout_seconds;
  std::optional<std::int32_t> session_idle_timeout_in_minutes;
  std::optional<EncryptionConfiguration> encryption_configuration;
  bool operator==(const SessionConfiguration&) const = default;
};

struct SessionStatus {
  std::optional<Timestamp> start_date_time;
  std::optional<Timestamp> last_modified_date_time;
  std::optional<Timestamp> end_date_time;
  std::optional<Timestamp> idle_since_date_time;
  SessionState state = SessionState::kCreating;
  std::optional<std::string> state_change_reason;
  bool operator==(const SessionStatus&) const = default;
};

struct SessionStatistics {
  std::int64_t dpu_execution_in_millis = 0;
  bool operator==(const SessionStatistics&) const = default;
};

struct SessionSummary {
  std::string session_id;
  std::optional<std::string> description;
  std::optional<EngineVersion> engine_version;
  std::optional<std::string> notebook_version;
  SessionStatus status;
  bool operator==(const SessionSummary&) const = default;
};

struct StartSessionRequest {
  std::string work_group;
  EngineConfiguration engine_configuration;
  std::optional<std::string> description;
  std::optional<std::string> execution_role;
  std::optional<MonitoringConfiguration> monitoring_configuration;
  std::optional<std::string> notebook_version;
  std::optional<std::int32_t> session_idle_timeout_in_minutes;
  std::optional<std::string> client_request_token;
  std::vector<Tag> tags;
  std::optional<bool> copy_work_group_tags;
  bool operator==(const StartSessionRequest&) const = default;
};

struct StartSessionResponse {
  std::string session_id;
  SessionState state = SessionState::kCreating;
  bool operator==(const StartSessionResponse&) const = default;
};

struct GetSessionRequest {
  std::string session_id;
  bool operator==(const GetSessionRequest&) const = default;
};

struct GetSessionResponse {
  std::string session_id;
  std::optional<std::string> description;
  std::string work_group;
  std::optional<std::string> engine_version;  // a plain string here, unlike in SessionSummary
  std::optional<EngineConfiguration> engine_configuration;
  std::optional<std::string> notebook_version;
  std::optional<MonitoringConfiguration> monitoring_configuration;
  std::optional<SessionConfiguration> session_configuration;
  SessionStatus status;
  SessionStatistics statistics;
  bool operator==(const GetSessionResponse&) const = default;
};

struct GetSessionStatusRequest {
  std::string session_id;
  bool operator==(const GetSessionStatusRequest&) const = default;
};

struct GetSessionStatusResponse {
  std::string session_id;
  SessionStatus status;
  bool operator==(const GetSessionStatusResponse&) const = default;
};

struct ListSessionsRequest {
  std::string work_group;
  std::optional<SessionState> state_filter;
  std::optional<std::int32_t> max_results;  // 1..100
  std::optional<std::string> next_token;
  bool operator==(const ListSessionsRequest&) const = default;
};

struct ListSessionsResponse {
  std::optional<std::string> next_token;  // absent on the last page, never ""
  std::vector<SessionSummary> sessions;   // always sent, also when empty
  bool operator==(const ListSessionsResponse&) const = default;
};

struct TerminateSessionRequest {
  std::string session_id;
  bool operator==(const TerminateSessionRequest&) const = default;
};

struct TerminateSessionResponse {
  SessionState state = SessionState::kTerminating;
  bool operator==(const TerminateSessionResponse&) const = default;
};

struct ListExecutorsRequest {
  std::string session_id;
  std::optional<ExecutorState> executor_state_filter;
  std::optional<std::int32_t> max_results;  // 1..100
  std::optional<std::string> next_token;
  bool operator==(const ListExecutorsRequest&) const = default;
};

// The two times are plain longs on the wire, not timestamps; here as there, epoch milliseconds.
struct ExecutorsSummary {
  std::string executor_id;
  std::optional<ExecutorType> executor_type;
  std::optional<std::int64_t> start_date_time;
  std::optional<std::int64_t> termination_date_time;
  std::optional<ExecutorState> executor_state;
  std::optional<std::int64_t> executor_size;  // DPUs
  bool operator==(const ExecutorsSummary&) const = default;
};

struct ListExecutorsResponse {
  std::string session_id;
  std::optional<std::string> next_token;            // absent on the last page, never ""
  std::vector<ExecutorsSummary> executors_summary;  // always sent, also when empty
  bool operator==(const ListExecutorsResponse&) const = default;
};

// ---- operations that are known and not available yet; they have no responses

struct GetSessionEndpointRequest {
  std::string session_id;
  bool operator==(const GetSessionEndpointRequest&) const = default;
};

struct CreatePresignedNotebookUrlRequest {
  std::string session_id;
  bool operator==(const CreatePresignedNotebookUrlRequest&) const = default;
};

struct GetResourceDashboardRequest {
  std::string resource_arn;
  bool operator==(const GetResourceDashboardRequest&) const = default;
};

}  // namespace glaux::api
