// Rejections of the API: what a client did wrong, or what we cannot do for it, as values.
//
// One table in errors.cc maps each code to its `__type` and HTTP status. The named constructors
// carry the API's own sentences, because clients match on them (dbt-athena looks for "Session is in
// the BUSY state", Terraform for "is not found"); where the API's wording is not known they say
// plainly what is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/types.h"

namespace glaux::api {

enum class ErrorCode {
  kInvalidRequest,
  kResourceNotFound,
  kSessionAlreadyExists,
  kTooManyRequests,
  kInternalServer,
  kSerialization,
  kUnknownOperation,
  kThrottling,
  kAccessDenied,
  kIncompleteSignature,
  kUnrecognizedClient,
  kMissingAuthenticationToken,
  kServiceUnavailable,
};

struct Error {
  ErrorCode code = ErrorCode::kInternalServer;
  std::string message;  // empty: the body has no Message
  std::optional<std::string> athena_error_code;
  std::optional<std::string> resource_name;
  std::optional<std::string> reason;
  bool operator==(const Error&) const = default;
};

// The `__type`, e.g. "InvalidRequestException".
std::string_view typeName(ErrorCode code);

// 400 for nearly everything; 403, 500 and 503 where clients expect them. Clients retry 5xx.
int httpStatus(const Error& error);

// {"__type":…,"Message":…,"AthenaErrorCode":…,"ErrorCode":…,"ResourceName":…,"Reason":…}, members
// without a value omitted; ErrorCode repeats AthenaErrorCode, as the service does.
std::string encodeError(const Error& error);

namespace errors {

// The request's form.
Error serialization(std::string message = {});
Error unknownOperation();
Error validation(std::string message);  // InvalidRequestException, INVALID_INPUT
Error codeBlockMissing();               // neither CodeBlock nor CalculationConfiguration.CodeBlock
Error codeBlockGivenTwice();
Error malformedPageToken(std::string_view token);
Error malformedAuthorization(std::string_view what);

// Sessions. An unknown id is an InvalidRequestException although the model also offers
// ResourceNotFoundException: PyAthena takes only the former for "no such session".
Error sessionNotFound(std::string_view session_id);
Error sessionNotIdle(SessionState state);
Error workGroupNotSpark();
Error workGroupDisabled(std::string_view work_group);
Error notebookVersionRequired();
// More DPUs are asked for than are free: in_use + asked would exceed capacity.
Error maximumAllowedSessions(std::int64_t in_use, std::int64_t asked, std::int64_t capacity);

// A notebook has one active session at a time.
Error notebookSessionExists(std::string_view notebook_id, std::string_view session_id);

// Calculations.
Error calculationQueueFull(std::int64_t limit);  // a workgroup in queue mode
Error codeUnreadable(std::string_view uri, std::string_view why);
Error calculationNotFound(std::string_view calculation_execution_id);

// Workgroups.
Error workGroupNotFound();
Error workGroupAlreadyExists();
Error primaryCannotBeCreated();
Error executionRoleMissing();
Error tagsEmpty();
Error workGroupNotEmpty(std::string_view work_group);
Error primaryCannotBeDeleted();
Error engineVersionNotFound(std::string_view version);
// Of a workgroup that could select it once.
Error engineVersionGone(std::string_view version, std::string_view work_group);
Error engineTypeCannotChange(std::string_view from, std::string_view to);

// Tags. Unknown resources are ResourceNotFoundException here, unlike everywhere else.
Error malformedResourceArn(std::string_view arn);
Error resourceNotFound(std::string_view arn);
Error tooManyTags(std::int64_t limit);
Error tagKeyMissing();
Error tagKeyTwice(std::string_view key);
Error tagsOfEndedSession(std::string_view session_id);

// Notebooks. The model offers no ResourceNotFoundException for them.
Error notebookNotFound(std::string_view notebook_id);
Error notebookAlreadyExists(std::string_view name);
Error notebookHasActiveSession(std::string_view notebook_id, std::string_view session_id);
Error notebookSessionRequired(std::string_view notebook_id, std::string_view session_id);
Error notebookSourceNotOne();  // neither or both of Payload and NotebookS3LocationUri
Error notebookUnreadable(std::string_view uri, std::string_view why);
Error notNotebook(std::string_view why);  // the payload is not nbformat 4

// Common to all operations.
Error notAvailable(std::string_view operation);  // known, and served by a later version
Error idempotentParametersDoNotMatch();
Error accessDenied(std::string message);
Error throttled();                       // ThrottlingException "Rate exceeded"; SDKs back off
Error unavailable(std::string message);  // 503: try again later, e.g. the disk is full
Error internal(std::string message);     // 500: a defect of ours

}  // namespace errors
}  // namespace glaux::api
