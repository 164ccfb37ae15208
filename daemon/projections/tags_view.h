#pragma once

#include <string>

#include "api/tags.h"
#include "daemon/core/events.h"
#include "daemon/core/state.h"
#include "daemon/projections/row_table.h"

namespace glaux::daemon {

// ListTagsForResource. What has no tags may have no row.
class TagsView {
 public:
  static constexpr const char* kRows = "tags";
  using Rows = RowTable<api::ListTagsForResourceResponse>;

  explicit TagsView(journal::Tables& tables) : rows_(tables, kRows) {}

  static std::string keyOfWorkGroup(std::string_view name);
  static std::string keyOfSession(const core::SessionId& session);

  const Rows& rows() const { return rows_; }

  void project(const core::RecordPosition& at, const core::Event& event);
  void write(journal::TableBatch& batch) { rows_.write(batch); }
  std::optional<journal::Error> takeFailure() { return rows_.takeFailure(); }

 private:
  void set(const core::RecordPosition& at, const std::string& key,
           const std::vector<api::Tag>& tags);

  Rows rows_;
};

}  // namespace glaux::daemon
