// Calculations: a block of code run in a session. Requests and responses.
//
// The conventions for members are those of sessions.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/types.h"

namespace glaux::api {

// The deprecated way of passing code.
struct CalculationConfiguration {
  std::optional<std::string> code_block;
  bool operator==(const CalculationConfiguration&) const = default;
};

struct CalculationStatus {
  std::optional<Timestamp> submission_date_time;
  std::optional<Timestamp> completion_date_time;
  CalculationState state = CalculationState::kCreating;
  std::optional<std::string> state_change_reason;
  bool operator==(const CalculationStatus&) const = default;
};

// Sent with every status: clients in the field fail on answers without it.
struct CalculationStatistics {
  std::int64_t dpu_execution_in_millis = 0;
  std::optional<std::string> progress;
  bool operator==(const CalculationStatistics&) const = default;
};

// Each URI names one object, s3://bucket/key.
struct CalculationResult {
  std::optional<std::string> std_out_s3_uri;
  std::optional<std::string> std_error_s3_uri;
  std::optional<std::string> result_s3_uri;
  std::optional<std::string> result_type;  // a MIME type
  bool operator==(const CalculationResult&) const = default;
};

struct CalculationSummary {
  std::string calculation_execution_id;
  std::optional<std::string> description;
  CalculationStatus status;
  bool operator==(const CalculationSummary&) const = default;
};

struct StartCalculationExecutionRequest {
  std::string session_id;
  std::optional<std::string> description;
  std::optional<CalculationConfiguration> calculation_configuration;
  std::optional<std::string> code_block;
  std::optional<std::string> client_request_token;
  bool operator==(const StartCalculationExecutionRequest&) const = default;
};

struct StartCalculationExecutionResponse {
  std::string calculation_execution_id;
  CalculationState state = CalculationState::kCreating;
  bool operator==(const StartCalculationExecutionResponse&) const = default;
};

struct GetCalculationExecutionRequest {
  std::string calculation_execution_id;
  bool operator==(const GetCalculationExecutionRequest&) const = default;
};

struct GetCalculationExecutionResponse {
  std::string calculation_execution_id;
  std::string session_id;
  std::optional<std::string> description;
  std::optional<std::string> working_directory;  // s3://bucket/prefix
  CalculationStatus status;
  CalculationStatistics statistics;
  std::optional<CalculationResult> result;
  bool operator==(const GetCalculationExecutionResponse&) const = default;
};

struct GetCalculationExecutionStatusRequest {
  std::string calculation_execution_id;
  bool operator==(const GetCalculationExecutionStatusRequest&) const = default;
};

struct GetCalculationExecutionStatusResponse {
  CalculationStatus status;
  CalculationStatistics statistics;
  bool operator==(const GetCalculationExecutionStatusResponse&) const = default;
};

struct GetCalculationExecutionCodeRequest {
  std::string calculation_execution_id;
  bool operator==(const GetCalculationExecutionCodeRequest&) const = default;
};

// The code's text itself, as the newest model says; older documentation speaks of a URL.
struct GetCalculationExecutionCodeResponse {
  std::string code_block;
  bool operator==(const GetCalculationExecutionCodeResponse&) const = default;
};

struct ListCalculationExecutionsRequest {
  std::string session_id;
  std::optional<CalculationState> state_filter;
  std::optional<std::int32_t> max_results;  // 1..100
  std::optional<std::string> next_token;
  bool operator==(const ListCalculationExecutionsRequest&) const = default;
};

struct ListCalculationExecutionsResponse {
  std::optional<std::string> next_token;         // absent on the last page, never ""
  std::vector<CalculationSummary> calculations;  // always sent, also when empty
  bool operator==(const ListCalculationExecutionsResponse&) const = default;
};

struct StopCalculationExecutionRequest {
  std::string calculation_execution_id;
  bool operator==(const StopCalculationExecutionRequest&) const = default;
};

struct StopCalculationExecutionResponse {
  CalculationState state = CalculationState::kCanceling;
  bool operator==(const StopCalculationExecutionResponse&) const = default;
};

}  // namespace glaux::api
