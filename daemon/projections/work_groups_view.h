#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "api/work_groups.h"
#include "daemon/core/events.h"
#include "daemon/core/state.h"
#include "daemon/projections/row_table.h"

namespace glaux::daemon {

// GetWorkGroup, and ListWorkGroups by name.
class WorkGroupsView {
 public:
  static constexpr const char* kRows = "work_groups";
  using Rows = RowTable<api::GetWorkGroupResponse>;

  explicit WorkGroupsView(journal::Tables& tables) : tables_(tables), rows_(tables, kRows) {}

  const Rows& rows() const { return rows_; }

  // Up to `limit` whose names come after `after` (empty: from the first).
  tl::expected<std::vector<api::WorkGroup>, journal::Error> byName(std::string_view after,
                                                                   std::size_t limit) const;

  void project(const core::RecordPosition& at, const core::Event& event);
  void write(journal::TableBatch& batch) { rows_.write(batch); }
  std::optional<journal::Error> takeFailure() { return rows_.takeFailure(); }

 private:
  void created(const core::RecordPosition& at, const core::WorkGroupCreated& e);
  void updated(const core::WorkGroupUpdated& e);
  journal::Tables& tables_;
  Rows rows_;
};

}  // namespace glaux::daemon
