#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/notebooks.h"
#include "daemon/core/events.h"
#include "daemon/core/state.h"
#include "daemon/projections/row_table.h"
#include "daemon/projections/state_index.h"

namespace glaux::daemon {

// GetNotebookMetadata, the lists of a workgroup's notebooks, and where their contents are.
class NotebooksView {
 public:
  static constexpr const char* kRows = "notebooks";
  static constexpr const char* kIndex = "notebooks_by_work_group";
  static constexpr const char* kContents = "notebook_contents";
  using Rows = RowTable<api::GetNotebookMetadataResponse>;

  // Notebooks have no states; in the index all are in this one.
  static constexpr std::uint8_t kPresent = 0;

  explicit NotebooksView(journal::Tables& tables)
      : tables_(tables), rows_(tables, kRows), index_(tables, kIndex) {}

  const Rows& rows() const { return rows_; }
  const StateIndex& index() const { return index_; }

  // The digest of the blob that is the notebook's content. Nothing: there is no such notebook.
  tl::expected<std::optional<core::Digest>, journal::Error> content(std::string_view key) const;

  void project(const core::RecordPosition& at, const core::Event& event);
  void write(journal::TableBatch& batch);
  std::optional<journal::Error> takeFailure() { return rows_.takeFailure(); }

 private:
  struct Projector;

  journal::Tables& tables_;
  Rows rows_;
  StateIndex index_;
  std::map<std::string, std::optional<core::Digest>> contents_;  // of this batch; none: erased
};

}  // namespace glaux::daemon
