// Which types have a wire shape: each noun's .cc defines shapeOf for its structs, as a table of
// Field rows (field.h).
#pragma once

#include "api/calculations.h"
#include "api/engines.h"
#include "api/notebooks.h"
#include "api/sessions.h"
#include "api/tags.h"
#include "api/work_groups.h"

namespace glaux::api {

struct Shape;

template <typename T>
const Shape& shapeOf();

template <>
const Shape& shapeOf<Classification>();
template <>
const Shape& shapeOf<EngineConfiguration>();
template <>
const Shape& shapeOf<EngineVersion>();
template <>
const Shape& shapeOf<EncryptionConfiguration>();
template <>
const Shape& shapeOf<CloudWatchLoggingConfiguration>();
template <>
const Shape& shapeOf<ManagedLoggingConfiguration>();
template <>
const Shape& shapeOf<S3LoggingConfiguration>();
template <>
const Shape& shapeOf<MonitoringConfiguration>();
template <>
const Shape& shapeOf<ListEngineVersionsRequest>();
template <>
const Shape& shapeOf<ListEngineVersionsResponse>();
template <>
const Shape& shapeOf<ApplicationDpuSizes>();
template <>
const Shape& shapeOf<ListApplicationDpuSizesRequest>();
template <>
const Shape& shapeOf<ListApplicationDpuSizesResponse>();
template <>
const Shape& shapeOf<Tag>();
template <>
const Shape& shapeOf<SessionConfiguration>();
template <>
const Shape& shapeOf<SessionStatus>();
template <>
const Shape& shapeOf<SessionStatistics>();
template <>
const Shape& shapeOf<SessionSummary>();
template <>
const Shape& shapeOf<StartSessionRequest>();
template <>
const Shape& shapeOf<StartSessionResponse>();
template <>
const Shape& shapeOf<GetSessionRequest>();
template <>
const Shape& shapeOf<GetSessionResponse>();
template <>
const Shape& shapeOf<GetSessionStatusRequest>();
template <>
const Shape& shapeOf<GetSessionStatusResponse>();
template <>
const Shape& shapeOf<ListSessionsRequest>();
template <>
const Shape& shapeOf<ListSessionsResponse>();
template <>
const Shape& shapeOf<TerminateSessionRequest>();
template <>
const Shape& shapeOf<TerminateSessionResponse>();
template <>
const Shape& shapeOf<ListExecutorsRequest>();
template <>
const Shape& shapeOf<ExecutorsSummary>();
template <>
const Shape& shapeOf<ListExecutorsResponse>();
template <>
const Shape& shapeOf<GetSessionEndpointRequest>();
template <>
const Shape& shapeOf<CreatePresignedNotebookUrlRequest>();
template <>
const Shape& shapeOf<GetResourceDashboardRequest>();
template <>
const Shape& shapeOf<CalculationConfiguration>();
template <>
const Shape& shapeOf<CalculationStatus>();
template <>
const Shape& shapeOf<CalculationStatistics>();
template <>
const Shape& shapeOf<CalculationResult>();
template <>
const Shape& shapeOf<CalculationSummary>();
template <>
const Shape& shapeOf<StartCalculationExecutionRequest>();
template <>
const Shape& shapeOf<StartCalculationExecutionResponse>();
template <>
const Shape& shapeOf<GetCalculationExecutionRequest>();
template <>
const Shape& shapeOf<GetCalculationExecutionResponse>();
template <>
const Shape& shapeOf<GetCalculationExecutionStatusRequest>();
template <>
const Shape& shapeOf<GetCalculationExecutionStatusResponse>();
template <>
const Shape& shapeOf<GetCalculationExecutionCodeRequest>();
template <>
const Shape& shapeOf<GetCalculationExecutionCodeResponse>();
template <>
const Shape& shapeOf<ListCalculationExecutionsRequest>();
template <>
const Shape& shapeOf<ListCalculationExecutionsResponse>();
template <>
const Shape& shapeOf<StopCalculationExecutionRequest>();
template <>
const Shape& shapeOf<StopCalculationExecutionResponse>();
template <>
const Shape& shapeOf<AclConfiguration>();
template <>
const Shape& shapeOf<ResultConfiguration>();
template <>
const Shape& shapeOf<CustomerContentEncryptionConfiguration>();
template <>
const Shape& shapeOf<ManagedQueryResultsEncryptionConfiguration>();
template <>
const Shape& shapeOf<ManagedQueryResultsConfiguration>();
template <>
const Shape& shapeOf<IdentityCenterConfiguration>();
template <>
const Shape& shapeOf<QueryResultsS3AccessGrantsConfiguration>();
template <>
const Shape& shapeOf<WorkGroupConfiguration>();
template <>
const Shape& shapeOf<AdditionalConfiguration>();
template <>
const Shape& shapeOf<ResultConfigurationUpdates>();
template <>
const Shape& shapeOf<ManagedQueryResultsConfigurationUpdates>();
template <>
const Shape& shapeOf<WorkGroupConfigurationUpdates>();
template <>
const Shape& shapeOf<WorkGroup>();
template <>
const Shape& shapeOf<WorkGroupSummary>();
template <>
const Shape& shapeOf<CreateWorkGroupRequest>();
template <>
const Shape& shapeOf<CreateWorkGroupResponse>();
template <>
const Shape& shapeOf<UpdateWorkGroupRequest>();
template <>
const Shape& shapeOf<UpdateWorkGroupResponse>();
template <>
const Shape& shapeOf<DeleteWorkGroupRequest>();
template <>
const Shape& shapeOf<DeleteWorkGroupResponse>();
template <>
const Shape& shapeOf<GetWorkGroupRequest>();
template <>
const Shape& shapeOf<GetWorkGroupResponse>();
template <>
const Shape& shapeOf<ListWorkGroupsRequest>();
template <>
const Shape& shapeOf<ListWorkGroupsResponse>();
template <>
const Shape& shapeOf<NotebookMetadata>();
template <>
const Shape& shapeOf<CreateNotebookRequest>();
template <>
const Shape& shapeOf<CreateNotebookResponse>();
template <>
const Shape& shapeOf<ImportNotebookRequest>();
template <>
const Shape& shapeOf<ImportNotebookResponse>();
template <>
const Shape& shapeOf<ExportNotebookRequest>();
template <>
const Shape& shapeOf<ExportNotebookResponse>();
template <>
const Shape& shapeOf<UpdateNotebookRequest>();
template <>
const Shape& shapeOf<UpdateNotebookResponse>();
template <>
const Shape& shapeOf<UpdateNotebookMetadataRequest>();
template <>
const Shape& shapeOf<UpdateNotebookMetadataResponse>();
template <>
const Shape& shapeOf<DeleteNotebookRequest>();
template <>
const Shape& shapeOf<DeleteNotebookResponse>();
template <>
const Shape& shapeOf<GetNotebookMetadataRequest>();
template <>
const Shape& shapeOf<GetNotebookMetadataResponse>();
template <>
const Shape& shapeOf<FilterDefinition>();
template <>
const Shape& shapeOf<ListNotebookMetadataRequest>();
template <>
const Shape& shapeOf<ListNotebookMetadataResponse>();
template <>
const Shape& shapeOf<NotebookSessionSummary>();
template <>
const Shape& shapeOf<ListNotebookSessionsRequest>();
template <>
const Shape& shapeOf<ListNotebookSessionsResponse>();
template <>
const Shape& shapeOf<TagResourceRequest>();
template <>
const Shape& shapeOf<TagResourceResponse>();
template <>
const Shape& shapeOf<UntagResourceRequest>();
template <>
const Shape& shapeOf<UntagResourceResponse>();
template <>
const Shape& shapeOf<ListTagsForResourceRequest>();
template <>
const Shape& shapeOf<ListTagsForResourceResponse>();

}  // namespace glaux::api
