// The one table of the API's operations: name, kind, and how its request is decoded.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

#include "api/calculations.h"
#include "api/engines.h"
#include "api/errors.h"
#include "api/notebooks.h"
#include "api/sessions.h"
#include "api/tags.h"
#include "api/work_groups.h"

namespace glaux::api {

using Request =
    std::variant<StartSessionRequest, GetSessionRequest, GetSessionStatusRequest,
                 ListSessionsRequest, TerminateSessionRequest, ListExecutorsRequest,
                 StartCalculationExecutionRequest, GetCalculationExecutionRequest,
                 GetCalculationExecutionStatusRequest, GetCalculationExecutionCodeRequest,
                 ListCalculationExecutionsRequest, StopCalculationExecutionRequest,
                 CreateNotebookRequest, ImportNotebookRequest, ExportNotebookRequest,
                 UpdateNotebookRequest, UpdateNotebookMetadataRequest, DeleteNotebookRequest,
                 GetNotebookMetadataRequest, ListNotebookMetadataRequest,
                 ListNotebookSessionsRequest, CreateWorkGroupRequest, GetWorkGroupRequest,
                 UpdateWorkGroupRequest, DeleteWorkGroupRequest, ListWorkGroupsRequest,
                 ListEngineVersionsRequest, ListApplicationDpuSizesRequest, TagResourceRequest,
                 UntagResourceRequest, ListTagsForResourceRequest, GetSessionEndpointRequest,
                 CreatePresignedNotebookUrlRequest, GetResourceDashboardRequest>;

// Mutating operations are commands and go through the journal; reading ones answer from views.
enum class OperationKind { kMutating, kReading };

struct Operation {
  std::string_view name;  // "StartSession"
  OperationKind kind;
  tl::expected<Request, Error> (*decode)(std::string_view body);
};

// All operations, in the order of Request's alternatives.
std::span<const Operation> operations();

// The operation an X-Amz-Target header names: exactly "AmazonAthena.<Name>", case-sensitive.
// nullptr: there is none; answer errors::unknownOperation().
const Operation* findOperation(std::string_view x_amz_target);

// Decodes and validates a request's body. Errors: SerializationException when it is not JSON or a
// member has the wrong type, else InvalidRequestException naming every violated constraint.
tl::expected<Request, Error> decodeRequest(const Operation& operation, std::string_view body);

// The operation a request belongs to, and its name ("StartSession").
const Operation& operationOf(const Request& request);
std::string_view operationName(const Request& request);

// The request's canonical JSON (members in table order, maps sorted, absent members left out).
std::string encodeRequest(const Request& request);

// The client's idempotency token. nullopt: none given, or the operation takes none.
std::optional<std::string> clientRequestToken(const Request& request);

// The canonical JSON of the request without its ClientRequestToken: two requests with the same
// token are the same request exactly when these are equal.
std::string parametersForIdempotency(const Request& request);

}  // namespace glaux::api
