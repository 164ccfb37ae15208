#pragma once

#include <string>
#include <tl/expected.hpp>

#include "api/errors.h"
#include "api/operations.h"
#include "daemon/projections/views.h"
#include "daemon/queries/queries.h"
#include "journal/journal.h"

// Private to queries: one function a reading operation, in the file of its noun. Each answers the
// response's JSON.
namespace glaux::daemon {

using JsonAnswer = tl::expected<std::string, api::Error>;

struct Sources {
  const Views& views;
  const journal::Journal& journal;
  const Queries::EngineVersions& engine_versions;
};

// session_answers.cc
JsonAnswer answer(const Sources& from, const api::GetSessionRequest& r);
JsonAnswer answer(const Sources& from, const api::GetSessionStatusRequest& r);
JsonAnswer answer(const Sources& from, const api::ListSessionsRequest& r);
JsonAnswer answer(const Sources& from, const api::ListExecutorsRequest& r);
JsonAnswer answer(const Sources& from, const api::GetSessionEndpointRequest& r);
JsonAnswer answer(const Sources& from, const api::CreatePresignedNotebookUrlRequest& r);
JsonAnswer answer(const Sources& from, const api::GetResourceDashboardRequest& r);

// calculation_answers.cc
JsonAnswer answer(const Sources& from, const api::GetCalculationExecutionRequest& r);
JsonAnswer answer(const Sources& from, const api::GetCalculationExecutionStatusRequest& r);
JsonAnswer answer(const Sources& from, const api::GetCalculationExecutionCodeRequest& r);
JsonAnswer answer(const Sources& from, const api::ListCalculationExecutionsRequest& r);

// notebook_answers.cc
JsonAnswer answer(const Sources& from, const api::ExportNotebookRequest& r);
JsonAnswer answer(const Sources& from, const api::GetNotebookMetadataRequest& r);
JsonAnswer answer(const Sources& from, const api::ListNotebookMetadataRequest& r);
JsonAnswer answer(const Sources& from, const api::ListNotebookSessionsRequest& r);

// work_group_answers.cc
JsonAnswer answer(const Sources& from, const api::GetWorkGroupRequest& r);
JsonAnswer answer(const Sources& from, const api::ListWorkGroupsRequest& r);
JsonAnswer answer(const Sources& from, const api::ListEngineVersionsRequest& r);
JsonAnswer answer(const Sources& from, const api::ListApplicationDpuSizesRequest& r);
JsonAnswer answer(const Sources& from, const api::ListTagsForResourceRequest& r);

// The row of a session whose id a client gave, or the error that there is none.
tl::expected<SessionsView::Rows::Row, api::Error> sessionRow(const Sources& from,
                                                             const std::string& id);

}  // namespace glaux::daemon
