#include "api/operations.h"

#include <iterator>

#include "api/aws_json.h"

namespace glaux::api {
namespace {

constexpr std::string_view kTargetPrefix = "AmazonAthena.";

template <typename T>
constexpr Operation operation(std::string_view name, OperationKind kind) {
  return {name, kind, [](std::string_view body) -> tl::expected<Request, Error> {
            auto request = decodeValidated<T>(body);
            if (!request) return tl::unexpected(std::move(request.error()));
            return Request(std::move(*request));
          }};
}

constexpr auto kMutating = OperationKind::kMutating;
constexpr auto kReading = OperationKind::kReading;

constexpr Operation kOperations[] = {
    operation<StartSessionRequest>("StartSession", kMutating),
    operation<GetSessionRequest>("GetSession", kReading),
    operation<GetSessionStatusRequest>("GetSessionStatus", kReading),
    operation<ListSessionsRequest>("ListSessions", kReading),
    operation<TerminateSessionRequest>("TerminateSession", kMutating),
    operation<ListExecutorsRequest>("ListExecutors", kReading),
    operation<StartCalculationExecutionRequest>("StartCalculationExecution", kMutating),
    operation<GetCalculationExecutionRequest>("GetCalculationExecution", kReading),
    operation<GetCalculationExecutionStatusRequest>("GetCalculationExecutionStatus", kReading),
    operation<GetCalculationExecutionCodeRequest>("GetCalculationExecutionCode", kReading),
    operation<ListCalculationExecutionsRequest>("ListCalculationExecutions", kReading),
    operation<StopCalculationExecutionRequest>("StopCalculationExecution", kMutating),
    operation<CreateNotebookRequest>("CreateNotebook", kMutating),
    operation<ImportNotebookRequest>("ImportNotebook", kMutating),
    operation<ExportNotebookRequest>("ExportNotebook", kReading),
    operation<UpdateNotebookRequest>("UpdateNotebook", kMutating),
    operation<UpdateNotebookMetadataRequest>("UpdateNotebookMetadata", kMutating),
    operation<DeleteNotebookRequest>("DeleteNotebook", kMutating),
    operation<GetNotebookMetadataRequest>("GetNotebookMetadata", kReading),
    operation<ListNotebookMetadataRequest>("ListNotebookMetadata", kReading),
    operation<ListNotebookSessionsRequest>("ListNotebookSessions", kReading),
    operation<CreateWorkGroupRequest>("CreateWorkGroup", kMutating),
    operation<GetWorkGroupRequest>("GetWorkGroup", kReading),
    operation<UpdateWorkGroupRequest>("UpdateWorkGroup", kMutating),
    operation<DeleteWorkGroupRequest>("DeleteWorkGroup", kMutating),
    operation<ListWorkGroupsRequest>("ListWorkGroups", kReading),
    operation<ListEngineVersionsRequest>("ListEngineVersions", kReading),
    operation<ListApplicationDpuSizesRequest>("ListApplicationDPUSizes", kReading),
    operation<TagResourceRequest>("TagResource", kMutating),
    operation<UntagResourceRequest>("UntagResource", kMutating),
    operation<ListTagsForResourceRequest>("ListTagsForResource", kReading),
    operation<GetSessionEndpointRequest>("GetSessionEndpoint", kReading),
    operation<CreatePresignedNotebookUrlRequest>("CreatePresignedNotebookUrl", kReading),
    operation<GetResourceDashboardRequest>("GetResourceDashboard", kReading),
};
static_assert(std::size(kOperations) == std::variant_size_v<Request>);

template <typename T>
concept HasToken = requires(T request) {
  request.client_request_token;
};

}  // namespace

std::span<const Operation> operations() { return kOperations; }

const Operation* findOperation(std::string_view x_amz_target) {
  if (!x_amz_target.starts_with(kTargetPrefix)) return nullptr;
  const auto name = x_amz_target.substr(kTargetPrefix.size());
  for (const Operation& operation : kOperations) {
    if (operation.name == name) return &operation;
  }
  return nullptr;
}

tl::expected<Request, Error> decodeRequest(const Operation& operation, std::string_view body) {
  return operation.decode(body);
}

const Operation& operationOf(const Request& request) { return kOperations[request.index()]; }

std::string_view operationName(const Request& request) { return operationOf(request).name; }

std::string encodeRequest(const Request& request) {
  return std::visit([](const auto& alternative) { return encode(alternative); }, request);
}

std::optional<std::string> clientRequestToken(const Request& request) {
  return std::visit(
      []<typename T>(const T& alternative) -> std::optional<std::string> {
        if constexpr (HasToken<T>) return alternative.client_request_token;
        return std::nullopt;
      },
      request);
}

std::string parametersForIdempotency(const Request& request) {
  return std::visit(
      []<typename T>(T alternative) {
        if constexpr (HasToken<T>) alternative.client_request_token.reset();
        return encode(alternative);
      },
      request);
}

}  // namespace glaux::api
