#include "api/notebooks.h"

#include "api/constraints.h"
#include "api/field.h"
#include "api/shapes.h"

namespace glaux::api {

using namespace constraints;

template <>
const Shape& shapeOf<NotebookMetadata>() {
  using T = NotebookMetadata;
  static constexpr Field kFields[] = {
      field<&T::notebook_id>("NotebookId", kRequired),
      field<&T::name>("Name", kRequired),
      field<&T::work_group>("WorkGroup", kRequired),
      field<&T::creation_time>("CreationTime", kOptional),
      field<&T::type>("Type", kRequired),
      field<&T::last_modified_time>("LastModifiedTime", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CreateNotebookRequest>() {
  using T = CreateNotebookRequest;
  static constexpr Field kFields[] = {
      field<&T::work_group>("WorkGroup", kRequired, kWorkGroupName),
      field<&T::name>("Name", kRequired, kNotebookName),
      field<&T::client_request_token>("ClientRequestToken", kOptional, kClientRequestToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<CreateNotebookResponse>() {
  using T = CreateNotebookResponse;
  static constexpr Field kFields[] = {
      field<&T::notebook_id>("NotebookId", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ImportNotebookRequest>() {
  using T = ImportNotebookRequest;
  static constexpr Field kFields[] = {
      field<&T::work_group>("WorkGroup", kRequired, kWorkGroupName),
      field<&T::name>("Name", kRequired, kNotebookName),
      field<&T::payload>("Payload", kOptional, kPayload),
      field<&T::type>("Type", kRequired),
      field<&T::notebook_s3_location_uri>("NotebookS3LocationUri", kOptional, kS3Uri),
      field<&T::client_request_token>("ClientRequestToken", kOptional, kClientRequestToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ImportNotebookResponse>() {
  using T = ImportNotebookResponse;
  static constexpr Field kFields[] = {
      field<&T::notebook_id>("NotebookId", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ExportNotebookRequest>() {
  using T = ExportNotebookRequest;
  static constexpr Field kFields[] = {
      field<&T::notebook_id>("NotebookId", kRequired, kNotebookId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ExportNotebookResponse>() {
  using T = ExportNotebookResponse;
  static constexpr Field kFields[] = {
      field<&T::notebook_metadata>("NotebookMetadata", kRequired),
      field<&T::payload>("Payload", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<UpdateNotebookRequest>() {
  using T = UpdateNotebookRequest;
  static constexpr Field kFields[] = {
      field<&T::notebook_id>("NotebookId", kRequired, kNotebookId),
      field<&T::payload>("Payload", kRequired, kPayload),
      field<&T::type>("Type", kRequired),
      field<&T::session_id>("SessionId", kOptional, kSessionId),
      field<&T::client_request_token>("ClientRequestToken", kOptional, kClientRequestToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<UpdateNotebookResponse>() {
  static constexpr Shape kShape{};
  return kShape;
}

template <>
const Shape& shapeOf<UpdateNotebookMetadataRequest>() {
  using T = UpdateNotebookMetadataRequest;
  static constexpr Field kFields[] = {
      field<&T::notebook_id>("NotebookId", kRequired, kNotebookId),
      field<&T::client_request_token>("ClientRequestToken", kOptional, kClientRequestToken),
      field<&T::name>("Name", kRequired, kNotebookName),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<UpdateNotebookMetadataResponse>() {
  static constexpr Shape kShape{};
  return kShape;
}

template <>
const Shape& shapeOf<DeleteNotebookRequest>() {
  using T = DeleteNotebookRequest;
  static constexpr Field kFields[] = {
      field<&T::notebook_id>("NotebookId", kRequired, kNotebookId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<DeleteNotebookResponse>() {
  static constexpr Shape kShape{};
  return kShape;
}

template <>
const Shape& shapeOf<GetNotebookMetadataRequest>() {
  using T = GetNotebookMetadataRequest;
  static constexpr Field kFields[] = {
      field<&T::notebook_id>("NotebookId", kRequired, kNotebookId),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<GetNotebookMetadataResponse>() {
  using T = GetNotebookMetadataResponse;
  static constexpr Field kFields[] = {
      field<&T::notebook_metadata>("NotebookMetadata", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<FilterDefinition>() {
  using T = FilterDefinition;
  static constexpr Field kFields[] = {
      field<&T::name>("Name", kOptional, kNotebookName),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListNotebookMetadataRequest>() {
  using T = ListNotebookMetadataRequest;
  static constexpr Field kFields[] = {
      field<&T::filters>("Filters", kOptional),
      field<&T::next_token>("NextToken", kOptional, kToken),
      field<&T::max_results>("MaxResults", kOptional, kMaxNotebooks),
      field<&T::work_group>("WorkGroup", kRequired, kWorkGroupName),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListNotebookMetadataResponse>() {
  using T = ListNotebookMetadataResponse;
  static constexpr Field kFields[] = {
      field<&T::next_token>("NextToken", kOptional),
      field<&T::notebook_metadata_list>("NotebookMetadataList", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<NotebookSessionSummary>() {
  using T = NotebookSessionSummary;
  static constexpr Field kFields[] = {
      field<&T::session_id>("SessionId", kRequired),
      field<&T::creation_time>("CreationTime", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListNotebookSessionsRequest>() {
  using T = ListNotebookSessionsRequest;
  static constexpr Field kFields[] = {
      field<&T::notebook_id>("NotebookId", kRequired, kNotebookId),
      field<&T::max_results>("MaxResults", kOptional, kMaxResults),
      field<&T::next_token>("NextToken", kOptional, kToken),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListNotebookSessionsResponse>() {
  using T = ListNotebookSessionsResponse;
  static constexpr Field kFields[] = {
      field<&T::notebook_sessions_list>("NotebookSessionsList", kRequired),
      field<&T::next_token>("NextToken", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

}  // namespace glaux::api
