// Notebooks: named ipynb documents of a workgroup. Requests and responses.
//
// The conventions for members are those of sessions.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/types.h"

namespace glaux::api {

struct NotebookMetadata {
  std::string notebook_id;
  std::string name;  // unique in its workgroup
  std::string work_group;
  std::optional<Timestamp> creation_time;
  NotebookType type = NotebookType::kIpynb;
  std::optional<Timestamp> last_modified_time;
  bool operator==(const NotebookMetadata&) const = default;
};

struct CreateNotebookRequest {
  std::string work_group;
  std::string name;
  std::optional<std::string> client_request_token;
  bool operator==(const CreateNotebookRequest&) const = default;
};

struct CreateNotebookResponse {
  std::string notebook_id;
  bool operator==(const CreateNotebookResponse&) const = default;
};

// Either the payload or the place to read it from.
struct ImportNotebookRequest {
  std::string work_group;
  std::string name;
  std::optional<std::string> payload;  // the text of the ipynb
  NotebookType type = NotebookType::kIpynb;
  std::optional<std::string> notebook_s3_location_uri;
  std::optional<std::string> client_request_token;
  bool operator==(const ImportNotebookRequest&) const = default;
};

struct ImportNotebookResponse {
  std::string notebook_id;
  bool operator==(const ImportNotebookResponse&) const = default;
};

struct ExportNotebookRequest {
  std::string notebook_id;
  bool operator==(const ExportNotebookRequest&) const = default;
};

struct ExportNotebookResponse {
  NotebookMetadata notebook_metadata;
  std::string payload;  // byte for byte what was imported
  bool operator==(const ExportNotebookResponse&) const = default;
};

struct UpdateNotebookRequest {
  std::string notebook_id;
  std::string payload;
  NotebookType type = NotebookType::kIpynb;
  std::optional<std::string> session_id;  // demanded while the notebook has an active session
  std::optional<std::string> client_request_token;
  bool operator==(const UpdateNotebookRequest&) const = default;
};

struct UpdateNotebookResponse {
  bool operator==(const UpdateNotebookResponse&) const = default;
};

struct UpdateNotebookMetadataRequest {
  std::string notebook_id;
  std::optional<std::string> client_request_token;
  std::string name;
  bool operator==(const UpdateNotebookMetadataRequest&) const = default;
};

struct UpdateNotebookMetadataResponse {
  bool operator==(const UpdateNotebookMetadataResponse&) const = default;
};

struct DeleteNotebookRequest {
  std::string notebook_id;
  bool operator==(const DeleteNotebookRequest&) const = default;
};

struct DeleteNotebookResponse {
  bool operator==(const DeleteNotebookResponse&) const = default;
};

struct GetNotebookMetadataRequest {
  std::string notebook_id;
  bool operator==(const GetNotebookMetadataRequest&) const = default;
};

struct GetNotebookMetadataResponse {
  NotebookMetadata notebook_metadata;
  bool operator==(const GetNotebookMetadataResponse&) const = default;
};

struct FilterDefinition {
  std::optional<std::string> name;
  bool operator==(const FilterDefinition&) const = default;
};

struct ListNotebookMetadataRequest {
  std::optional<FilterDefinition> filters;
  std::optional<std::string> next_token;
  std::optional<std::int32_t> max_results;  // 1..50
  std::string work_group;
  bool operator==(const ListNotebookMetadataRequest&) const = default;
};

struct ListNotebookMetadataResponse {
  std::optional<std::string> next_token;                 // absent on the last page, never ""
  std::vector<NotebookMetadata> notebook_metadata_list;  // always sent
  bool operator==(const ListNotebookMetadataResponse&) const = default;
};

struct NotebookSessionSummary {
  std::string session_id;
  std::optional<Timestamp> creation_time;
  bool operator==(const NotebookSessionSummary&) const = default;
};

struct ListNotebookSessionsRequest {
  std::string notebook_id;
  std::optional<std::int32_t> max_results;  // 1..100, of which an answer holds 10 at most
  std::optional<std::string> next_token;
  bool operator==(const ListNotebookSessionsRequest&) const = default;
};

struct ListNotebookSessionsResponse {
  std::vector<NotebookSessionSummary> notebook_sessions_list;  // always sent
  std::optional<std::string> next_token;                       // absent on the last page, never ""
  bool operator==(const ListNotebookSessionsResponse&) const = default;
};

}  // namespace glaux::api
