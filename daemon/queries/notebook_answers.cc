#include <array>

#include "daemon/queries/answers.h"
#include "daemon/queries/listing.h"

namespace glaux::daemon {
namespace {

constexpr std::size_t kDefaultNotebookPage = 50;

// MaxResults may be up to 100, and the list up to 10: the model's own contradiction.
constexpr std::size_t kNotebookSessionPage = 10;

// How many notebooks are looked at in one go while a filter is applied.
constexpr std::size_t kFilterStep = 200;

using NotebookRow = NotebooksView::Rows::Row;

tl::expected<NotebookRow, api::Error> notebookRow(const Sources& from, const std::string& text) {
  auto id = core::parseId<core::NotebookId>(text);
  if (!id) return tl::unexpected(api::errors::notebookNotFound(text));
  return foundRow(from.views.notebooks().rows().get(keyOf(id->bytes)),
                  [&text] { return api::errors::notebookNotFound(text); });
}

std::string keyOfNotebook(const std::string& id) {
  return keyOf(core::parseId<core::NotebookId>(id)->bytes);
}

// The newest `limit` of a workgroup's notebooks whose names hold `part`, created before `before`.
tl::expected<std::vector<NotebookRow>, api::Error> notebooksOf(const Sources& from,
                                                               const std::string& work_group,
                                                               const std::string& part,
                                                               std::optional<std::uint64_t> before,
                                                               std::size_t limit) {
  static constexpr std::array kStates = {NotebooksView::kPresent};
  std::vector<NotebookRow> rows;
  while (true) {
    auto entries = from.views.notebooks().index().newest(work_group, kStates, before, kFilterStep);
    if (!entries) return tl::unexpected(storageError(entries.error()));
    for (const StateIndex::Entry& entry : *entries) {
      auto row = from.views.notebooks().rows().get(entry.key);
      if (!row) return tl::unexpected(storageError(row.error()));
      // Deleted between two looks, as this may run beside the loop.
      if (!*row || (*row)->answer.notebook_metadata.name.find(part) == std::string::npos) continue;
      rows.push_back(std::move(**row));
      if (rows.size() == limit) return rows;
    }
    if (entries->size() < kFilterStep) return rows;
    before = entries->back().created;
  }
}

}  // namespace

JsonAnswer answer(const Sources& from, const api::GetNotebookMetadataRequest& r) {
  auto id = core::parseId<core::NotebookId>(r.notebook_id);
  if (!id) return tl::unexpected(api::errors::notebookNotFound(r.notebook_id));
  return foundText(from.views.notebooks().rows().text(keyOf(id->bytes)),
                   [&r] { return api::errors::notebookNotFound(r.notebook_id); });
}

JsonAnswer answer(const Sources& from, const api::ExportNotebookRequest& r) {
  auto row = notebookRow(from, r.notebook_id);
  if (!row) return tl::unexpected(std::move(row.error()));
  auto digest = from.views.notebooks().content(keyOfNotebook(r.notebook_id));
  if (!digest) return tl::unexpected(storageError(digest.error()));
  if (!*digest) return tl::unexpected(api::errors::notebookNotFound(r.notebook_id));
  auto content = from.journal.readBlob(journal::Hash{**digest});
  if (!content) return tl::unexpected(storageError(content.error()));
  if (!*content)
    return tl::unexpected(api::errors::internal("The content of notebook " + r.notebook_id +
                                                " is not in the journal."));
  return api::encode(
      api::ExportNotebookResponse{std::move(row->answer.notebook_metadata), std::move(**content)});
}

JsonAnswer answer(const Sources& from, const api::ListNotebookMetadataRequest& r) {
  auto known = from.views.workGroups().rows().text(r.work_group);
  if (!known) return tl::unexpected(storageError(known.error()));
  if (!*known) return tl::unexpected(api::errors::workGroupNotFound());
  const std::string part = r.filters ? r.filters->name.value_or("") : "";
  const std::string scope = r.work_group + '\0' + part;
  auto before = positionOf("ListNotebookMetadata", scope, r.next_token);
  if (!before) return tl::unexpected(std::move(before.error()));
  const std::size_t limit = pageSize(r.max_results, kDefaultNotebookPage);
  auto rows = notebooksOf(from, r.work_group, part, *before, limit + 1);
  if (!rows) return tl::unexpected(std::move(rows.error()));

  api::ListNotebookMetadataResponse response;
  if (rows->size() > limit) {
    rows->pop_back();
    response.next_token =
        api::encodePageToken("ListNotebookMetadata", scope, bigEndian64(rows->back().created));
  }
  for (NotebookRow& row : *rows)
    response.notebook_metadata_list.push_back(std::move(row.answer.notebook_metadata));
  return api::encode(response);
}

JsonAnswer answer(const Sources& from, const api::ListNotebookSessionsRequest& r) {
  auto row = notebookRow(from, r.notebook_id);
  if (!row) return tl::unexpected(std::move(row.error()));
  Listing listing{"ListNotebookSessions",
                  r.notebook_id,
                  {kActiveSessions.begin(), kActiveSessions.end()},
                  r.next_token,
                  std::min(pageSize(r.max_results, kNotebookSessionPage), kNotebookSessionPage)};
  api::ListNotebookSessionsResponse response;
  auto next = listPage(
      listing, keyOfNotebook(r.notebook_id), from.views.sessions().notebookIndex(),
      from.views.sessions().rows(), response.notebook_sessions_list,
      [](const api::GetSessionResponse& session) {
        return api::NotebookSessionSummary{session.session_id, session.status.start_date_time};
      });
  return page(std::move(response), std::move(next));
}

}  // namespace glaux::daemon
