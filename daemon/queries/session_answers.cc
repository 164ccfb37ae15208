#include "daemon/queries/answers.h"
#include "daemon/queries/listing.h"

namespace glaux::daemon {
namespace {

api::SessionSummary summaryOfSession(const api::GetSessionResponse& session) {
  return {session.session_id, session.description,
          api::EngineVersion{session.engine_version, session.engine_version},
          session.notebook_version, session.status};
}

// Known to every client, and served by a later version; an unknown session is said first.
JsonAnswer notAvailable(const Sources& from, const std::string& session_id,
                        std::string_view operation) {
  auto session = sessionRow(from, session_id);
  if (!session) return tl::unexpected(std::move(session.error()));
  return tl::unexpected(api::errors::notAvailable(operation));
}

}  // namespace

tl::expected<SessionsView::Rows::Row, api::Error> sessionRow(const Sources& from,
                                                             const std::string& text) {
  auto id = core::parseId<core::SessionId>(text);
  if (!id) return tl::unexpected(api::errors::sessionNotFound(text));
  return foundRow(from.views.sessions().rows().get(keyOf(id->bytes)),
                  [&text] { return api::errors::sessionNotFound(text); });
}

JsonAnswer answer(const Sources& from, const api::GetSessionRequest& r) {
  auto id = core::parseId<core::SessionId>(r.session_id);
  if (!id) return tl::unexpected(api::errors::sessionNotFound(r.session_id));
  return foundText(from.views.sessions().rows().text(keyOf(id->bytes)),
                   [&r] { return api::errors::sessionNotFound(r.session_id); });
}

JsonAnswer answer(const Sources& from, const api::GetSessionStatusRequest& r) {
  auto session = sessionRow(from, r.session_id);
  if (!session) return tl::unexpected(std::move(session.error()));
  return api::encode(
      api::GetSessionStatusResponse{session->answer.session_id, session->answer.status});
}

JsonAnswer answer(const Sources& from, const api::ListSessionsRequest& r) {
  auto known = from.views.workGroups().rows().text(r.work_group);
  if (!known) return tl::unexpected(storageError(known.error()));
  if (!*known) return tl::unexpected(api::errors::workGroupNotFound());
  Listing listing{"ListSessions", listScope(r.work_group, r.state_filter),
                  statesOf(r.state_filter, kActiveSessions), r.next_token,
                  pageSize(r.max_results, kDefaultPage)};
  api::ListSessionsResponse response;
  auto next = listPage(listing, r.work_group, from.views.sessions().index(),
                       from.views.sessions().rows(), response.sessions, summaryOfSession);
  return page(std::move(response), std::move(next));
}

JsonAnswer answer(const Sources& from, const api::ListExecutorsRequest& r) {
  auto session = sessionRow(from, r.session_id);
  if (!session) return tl::unexpected(std::move(session.error()));
  std::string scope = listScope(r.session_id, r.executor_state_filter);
  auto before = positionOf("ListExecutors", scope, r.next_token);
  if (!before) return tl::unexpected(std::move(before.error()));
  auto executors = from.views.executors().ofSession(*core::parseId<core::SessionId>(r.session_id));
  if (!executors) return tl::unexpected(storageError(executors.error()));

  api::ListExecutorsResponse response;
  response.session_id = r.session_id;
  std::size_t limit = pageSize(r.max_results, kDefaultPage);
  for (auto& row : *executors) {
    if (*before && row.created >= **before) continue;
    if (r.executor_state_filter && row.answer.executor_state != r.executor_state_filter) continue;
    if (response.executors_summary.size() == limit) {
      response.next_token =
          api::encodePageToken("ListExecutors", scope, bigEndian64(row.created + 1));
      break;
    }
    response.executors_summary.push_back(std::move(row.answer));
  }
  return api::encode(response);
}

JsonAnswer answer(const Sources& from, const api::GetSessionEndpointRequest& r) {
  return notAvailable(from, r.session_id, "GetSessionEndpoint");
}

JsonAnswer answer(const Sources& from, const api::CreatePresignedNotebookUrlRequest& r) {
  return notAvailable(from, r.session_id, "CreatePresignedNotebookUrl");
}

JsonAnswer answer(const Sources&, const api::GetResourceDashboardRequest&) {
  return tl::unexpected(api::errors::notAvailable("GetResourceDashboard"));
}

}  // namespace glaux::daemon
