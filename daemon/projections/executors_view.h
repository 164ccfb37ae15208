#pragma once

#include <vector>

#include "api/sessions.h"
#include "daemon/core/events.h"
#include "daemon/core/state.h"
#include "daemon/projections/row_table.h"

namespace glaux::daemon {

// ListExecutors. Keyed by session and executor; a session has few.
class ExecutorsView {
 public:
  static constexpr const char* kRows = "executors";
  using Rows = RowTable<api::ExecutorsSummary>;

  explicit ExecutorsView(journal::Tables& tables) : tables_(tables), rows_(tables, kRows) {}

  // Newest first.
  tl::expected<std::vector<Rows::Row>, journal::Error> ofSession(
      const core::SessionId& session) const;

  void project(const core::RecordPosition& at, const core::Event& event);
  void write(journal::TableBatch& batch) { rows_.write(batch); }
  std::optional<journal::Error> takeFailure() { return rows_.takeFailure(); }

 private:
  void started(const core::RecordPosition& at, const core::SessionStarted& e);
  void changed(const core::RecordPosition& at, const core::ExecutorChanged& e);

  journal::Tables& tables_;
  Rows rows_;
};

}  // namespace glaux::daemon
