#pragma once

#include <string>

#include "api/sessions.h"
#include "daemon/core/events.h"
#include "daemon/core/state.h"
#include "daemon/projections/row_table.h"
#include "daemon/projections/state_index.h"

namespace glaux::daemon {

// GetSession, and the lists of a workgroup's and of a notebook's sessions.
class SessionsView {
 public:
  static constexpr const char* kRows = "sessions";
  static constexpr const char* kIndex = "sessions_by_work_group";
  static constexpr const char* kNotebookIndex = "sessions_by_notebook";
  using Rows = RowTable<api::GetSessionResponse>;

  explicit SessionsView(journal::Tables& tables)
      : rows_(tables, kRows), index_(tables, kIndex), notebook_index_(tables, kNotebookIndex) {}

  const Rows& rows() const { return rows_; }
  const StateIndex& index() const { return index_; }
  const StateIndex& notebookIndex() const { return notebook_index_; }

  void project(const core::RecordPosition& at, const core::Event& event);
  void write(journal::TableBatch& batch) {
    rows_.write(batch);
    index_.write(batch);
    notebook_index_.write(batch);
  }
  std::optional<journal::Error> takeFailure() { return rows_.takeFailure(); }

  // For projecting what belongs to a live session.
  const std::string& workingDirectory(const core::SessionId& session);

  // The session's total grows with each of its calculations'.
  void addUsage(const core::SessionId& session, std::int64_t dpu_millis);

 private:
  struct Projector;
  Rows rows_;
  StateIndex index_;
  StateIndex notebook_index_;  // of those that are bound to one
};

}  // namespace glaux::daemon
