#include "api/calculations.h"

#include "api/constraints.h"
#include "api/field.h"
#include "api/shapes.h"

namespace glaux::api {

using namespace constraints;

template <>
const Shape& shapeOf<CalculationConfiguration>() {
  using T = CalculationConfiguration;
  static constexpr Field kFields[] = {
      field<&T::code_block>("CodeBlock", kOptional, kCodeBlock),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CalculationStatus>() {
  using T = CalculationStatus;
  static constexpr Field kFields[] = {
      field<&T::submission_date_time>("SubmissionDateTime", kOptional),
      field<&T::completion_date_time>("CompletionDateTime", kOptional),
      field<&T::state>("State", kRequired),
      field<&T::state_change_reason>("StateChangeReason", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CalculationStatistics>() {
  using T = CalculationStatistics;
  static constexpr Field kFields[] = {
      field<&T::dpu_execution_in_millis>("DpuExecutionInMillis", kRequired),
      field<&T::progress>("Progress", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CalculationResult>() {
  using T = CalculationResult;
  static constexpr Field kFields[] = {
      field<&T::std_out_s3_uri>("StdOutS3Uri", kOptional),
      field<&T::std_error_s3_uri>("StdErrorS3Uri", kOptional),
      field<&T::result_s3_uri>("ResultS3Uri", kOptional),
      field<&T::result_type>("ResultType", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CalculationSummary>() {
  using T = CalculationSummary;
  static constexpr Field kFields[] = {
      field<&T::calculation_execution_id>("CalculationExecutionId", kRequired),
      field<&T::description>("Description", kOptional),
      field<&T::status>("Status", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<StartCalculationExecutionRequest>() {
  using T = StartCalculationExecutionRequest;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired, kSessionId),
      field<&T::description>("Description", kOptional, kDescription),
      field<&T::calculation_configuration>("CalculationConfiguration", kOptional),
      field<&T::code_block>("CodeBlock", kOptional, kCodeBlock),
      field<&T::client_request_token>("ClientRequestToken", kOptional, kIdempotencyToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<StartCalculationExecutionResponse>() {
  using T = StartCalculationExecutionResponse;
  static constexpr Field kFields[] = {
      field<&T::calculation_execution_id>("CalculationExecutionId", kRequired),
      field<&T::state>("State", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetCalculationExecutionRequest>() {
  using T = GetCalculationExecutionRequest;
  static constexpr Field kFields[] = {
      field<&T::calculation_execution_id>("CalculationExecutionId", kRequired,
                                          kCalculationExecutionId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetCalculationExecutionResponse>() {
  using T = GetCalculationExecutionResponse;
  static constexpr Field kFields[] = {
      field<&T::calculation_execution_id>("CalculationExecutionId", kRequired),
      field<&T::session_id>("SessionId", kRequired),
      field<&T::description>("Description", kOptional),
      field<&T::working_directory>("WorkingDirectory", kOptional),
      field<&T::status>("Status", kRequired),
      field<&T::statistics>("Statistics", kRequired),
      field<&T::result>("Result", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetCalculationExecutionStatusRequest>() {
  using T = GetCalculationExecutionStatusRequest;
  static constexpr Field kFields[] = {
      field<&T::calculation_execution_id>("CalculationExecutionId", kRequired,
                                          kCalculationExecutionId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetCalculationExecutionStatusResponse>() {
  using T = GetCalculationExecutionStatusResponse;
  static constexpr Field kFields[] = {
      field<&T::status>("Status", kRequired),
      field<&T::statistics>("Statistics", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetCalculationExecutionCodeRequest>() {
  using T = GetCalculationExecutionCodeRequest;
  static constexpr Field kFields[] = {
      field<&T::calculation_execution_id>("CalculationExecutionId", kRequired,
                                          kCalculationExecutionId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetCalculationExecutionCodeResponse>() {
  using T = GetCalculationExecutionCodeResponse;
  static constexpr Field kFields[] = {
      field<&T::code_block>("CodeBlock", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListCalculationExecutionsRequest>() {
  using T = ListCalculationExecutionsRequest;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired, kSessionId),
      field<&T::state_filter>("StateFilter", kOptional),
      field<&T::max_results>("MaxResults", kOptional, kMaxResults),
      field<&T::next_token>("NextToken", kOptional, kSessionManagerToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListCalculationExecutionsResponse>() {
  using T = ListCalculationExecutionsResponse;
  static constexpr Field kFields[] = {
      field<&T::next_token>("NextToken", kOptional),
      field<&T::calculations>("Calculations", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<StopCalculationExecutionRequest>() {
  using T = StopCalculationExecutionRequest;
  static constexpr Field kFields[] = {
      field<&T::calculation_execution_id>("CalculationExecutionId", kRequired,
                                          kCalculationExecutionId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<StopCalculationExecutionResponse>() {
  using T = StopCalculationExecutionResponse;
  static constexpr Field kFields[] = {
      field<&T::state>("State", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

}  // namespace glaux::api
