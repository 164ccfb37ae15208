#include "api/errors.h"

#include <iterator>

#include "api/json_writer.h"

namespace glaux::api {
namespace {

struct Row {
  ErrorCode code;
  std::string_view type;
  int http_status;
};

// In the order of ErrorCode.
constexpr Row kTable[] = {
    {ErrorCode::kInvalidRequest, "InvalidRequestException", 400},
    {ErrorCode::kResourceNotFound, "ResourceNotFoundException", 400},
    {ErrorCode::kSessionAlreadyExists, "SessionAlreadyExistsException", 400},
    {ErrorCode::kTooManyRequests, "TooManyRequestsException", 400},
    {ErrorCode::kInternalServer, "InternalServerException", 500},
    {ErrorCode::kSerialization, "SerializationException", 400},
    {ErrorCode::kUnknownOperation, "UnknownOperationException", 400},
    {ErrorCode::kThrottling, "ThrottlingException", 400},
    {ErrorCode::kAccessDenied, "AccessDeniedException", 400},
    {ErrorCode::kIncompleteSignature, "IncompleteSignatureException", 400},
    {ErrorCode::kUnrecognizedClient, "UnrecognizedClientException", 400},
    {ErrorCode::kMissingAuthenticationToken, "MissingAuthenticationTokenException", 403},
    {ErrorCode::kServiceUnavailable, "ServiceUnavailableException", 503},
};

constexpr bool inOrder() {
  for (std::size_t i = 0; i < std::size(kTable); ++i) {
    if (kTable[i].code != static_cast<ErrorCode>(i)) return false;
  }
  return std::size(kTable) == static_cast<std::size_t>(ErrorCode::kServiceUnavailable) + 1;
}
static_assert(inOrder());

const Row& rowOf(ErrorCode code) { return kTable[static_cast<std::size_t>(code)]; }

void writeMember(std::string_view name, std::string_view value, std::string& out) {
  out += out.empty() ? '{' : ',';
  writeString(name, out);
  out += ':';
  writeString(value, out);
}

Error plain(ErrorCode code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

Error invalidInput(std::string message) {
  Error error = plain(ErrorCode::kInvalidRequest, std::move(message));
  error.athena_error_code = "INVALID_INPUT";
  return error;
}

}  // namespace

std::string_view typeName(ErrorCode code) { return rowOf(code).type; }

int httpStatus(const Error& error) { return rowOf(error.code).http_status; }

std::string encodeError(const Error& error) {
  std::string out;
  writeMember("__type", typeName(error.code), out);
  if (!error.message.empty()) writeMember("Message", error.message, out);
  if (error.athena_error_code) {
    writeMember("AthenaErrorCode", *error.athena_error_code, out);
    writeMember("ErrorCode", *error.athena_error_code, out);
  }
  if (error.resource_name) writeMember("ResourceName", *error.resource_name, out);
  if (error.reason) writeMember("Reason", *error.reason, out);
  out += '}';
  return out;
}

namespace errors {

using std::string;
using std::string_view;

Error serialization(string message) { return plain(ErrorCode::kSerialization, std::move(message)); }

Error unknownOperation() { return plain(ErrorCode::kUnknownOperation, {}); }

Error validation(string message) { return invalidInput(std::move(message)); }

Error codeBlockMissing() {
  return invalidInput(
      "CodeBlock is required: give it as CodeBlock or as CalculationConfiguration.CodeBlock.");
}

Error codeBlockGivenTwice() {
  return invalidInput(
      "CodeBlock and CalculationConfiguration.CodeBlock are both given; only one is allowed.");
}

Error malformedPageToken(string_view token) {
  return invalidInput("The nextPageToken is malformed: " + string(token));
}

Error malformedAuthorization(string_view what) {
  return plain(ErrorCode::kIncompleteSignature, string(what));
}

Error sessionNotFound(string_view session_id) {
  return invalidInput("Session " + string(session_id) + " is not found.");
}

Error sessionNotIdle(SessionState state) {
  return invalidInput("Session is in the " + string(name(state)) +
                      " state; needs to be IDLE to accept Calculations.");
}

Error workGroupNotSpark() { return invalidInput("Workgroup EngineVersion is not Spark."); }

Error workGroupDisabled(string_view work_group) {
  return invalidInput("WorkGroup " + string(work_group) + " is disabled.");
}

Error notebookVersionRequired() {
  return invalidInput("NotebookVersion is required when NotebookId is provided.");
}

Error maximumAllowedSessions(std::int64_t in_use, std::int64_t asked, std::int64_t capacity) {
  return plain(ErrorCode::kTooManyRequests,
               "Maximum allowed sessions reached: " + std::to_string(in_use) + " of " +
                   std::to_string(capacity) + " DPUs are in use and the session asks for " +
                   std::to_string(asked) + ".");
}

Error notebookSessionExists(string_view notebook_id, string_view session_id) {
  return plain(ErrorCode::kSessionAlreadyExists,
               "Notebook " + string(notebook_id) + " has an active session already: " +
                   string(session_id) + ". Terminate it before another one is started.");
}

// The model has one Reason, made for queries; clients that look at it know no other.
Error calculationQueueFull(std::int64_t limit) {
  Error error =
      plain(ErrorCode::kTooManyRequests, "The session's queue is full: " + std::to_string(limit) +
                                             " Calculations are waiting (calculation.max_queued).");
  error.reason = "CONCURRENT_QUERY_LIMIT_EXCEEDED";
  return error;
}

Error codeUnreadable(string_view uri, string_view why) {
  return invalidInput("The code block " + string(uri) + " cannot be read: " + string(why));
}

Error calculationNotFound(string_view calculation_execution_id) {
  return invalidInput("CalculationExecution " + string(calculation_execution_id) +
                      " is not found.");
}

Error workGroupNotFound() { return invalidInput("WorkGroup is not found."); }

Error workGroupAlreadyExists() { return invalidInput("WorkGroup already exists"); }

Error primaryCannotBeCreated() { return invalidInput("primary workGroup could not be created"); }

Error executionRoleMissing() { return invalidInput("executionRole is null or empty"); }

Error tagsEmpty() {
  return invalidInput("Tags provided upon WorkGroup creation must not be empty");
}

Error workGroupNotEmpty(string_view work_group) {
  return invalidInput("WorkGroup " + string(work_group) + " is not empty");
}

Error primaryCannotBeDeleted() { return invalidInput("primary workGroup could not be deleted"); }

Error engineVersionNotFound(string_view version) {
  return invalidInput("Engine version " + string(version) + " does not exist.");
}

Error engineVersionGone(string_view version, string_view work_group) {
  return invalidInput("Engine version " + string(version) + " of WorkGroup " + string(work_group) +
                      " is not configured here any more; UpdateWorkGroup can select another one.");
}

Error engineTypeCannotChange(string_view from, string_view to) {
  return invalidInput("The engine of a WorkGroup cannot be changed after its creation, from " +
                      string(from) + " to " + string(to) + ".");
}

Error malformedResourceArn(string_view arn) {
  return invalidInput("ResourceARN " + string(arn) +
                      " is not of the form arn:aws:athena:<region>:<account>:workgroup/<name> or "
                      "…:workgroup/<name>/session/<id>.");
}

Error resourceNotFound(string_view arn) {
  Error error = plain(ErrorCode::kResourceNotFound, "Resource " + string(arn) + " is not found.");
  error.resource_name = arn;
  return error;
}

Error tooManyTags(std::int64_t limit) {
  return invalidInput("A resource has at most " + std::to_string(limit) + " tags.");
}

Error tagKeyMissing() { return invalidInput("Every tag needs a Key."); }

Error tagKeyTwice(string_view key) {
  return invalidInput("Tag key " + string(key) + " is given twice.");
}

Error tagsOfEndedSession(string_view session_id) {
  return invalidInput("Session " + string(session_id) + " has ended; its tags stay as they are.");
}

Error notebookNotFound(string_view notebook_id) {
  return invalidInput("Notebook " + string(notebook_id) + " is not found.");
}

Error notebookAlreadyExists(string_view name) {
  return invalidInput("Notebook " + string(name) + " already exists.");
}

Error notebookHasActiveSession(string_view notebook_id, string_view session_id) {
  return invalidInput("Notebook " + string(notebook_id) +
                      " has an active session: " + string(session_id) + ". Terminate it first.");
}

Error notebookSessionRequired(string_view notebook_id, string_view session_id) {
  return invalidInput("Notebook " + string(notebook_id) +
                      " has an active session; SessionId must be " + string(session_id) + ".");
}

Error notebookSourceNotOne() {
  return invalidInput("Exactly one of Payload and NotebookS3LocationUri is required.");
}

Error notebookUnreadable(string_view uri, string_view why) {
  return invalidInput("The notebook " + string(uri) + " cannot be read: " + string(why));
}

Error notNotebook(string_view why) {
  return invalidInput("The payload is not a notebook in nbformat 4: " + string(why) + ".");
}

Error notAvailable(string_view operation) {
  return invalidInput(string(operation) + " is not available in this version of glaux.");
}

Error idempotentParametersDoNotMatch() {
  Error error = plain(ErrorCode::kInvalidRequest, "Idempotent parameters do not match");
  error.athena_error_code = "IDEMPOTENT_PARAMETER_MISMATCH";
  return error;
}

Error accessDenied(string message) { return plain(ErrorCode::kAccessDenied, std::move(message)); }

Error throttled() { return plain(ErrorCode::kThrottling, "Rate exceeded"); }

Error unavailable(string message) {
  return plain(ErrorCode::kServiceUnavailable, std::move(message));
}

Error internal(string message) { return plain(ErrorCode::kInternalServer, std::move(message)); }

}  // namespace errors
}  // namespace glaux::api
