#include "daemon/projections/notebooks_view.h"

#include <algorithm>

#include "daemon/core/check.h"

namespace glaux::daemon {

struct NotebooksView::Projector {
  NotebooksView& view;
  const core::RecordPosition& at;

  void operator()(const core::NotebookCreated& e) {
    std::string key = keyOf(e.notebook.bytes);
    auto& metadata = view.rows_.create(key, at.sequence).answer.notebook_metadata;
    metadata.notebook_id = toText(e.notebook);
    metadata.name = e.name;
    metadata.work_group = e.work_group;
    metadata.creation_time = at.time;
    metadata.last_modified_time = at.time;
    view.rows_.drop(key);
    view.index_.put({e.work_group, at.sequence}, kPresent, key);
    view.contents_[key] = e.content;
  }

  void operator()(const core::NotebookUpdated& e) {
    modify(e.notebook);
    view.contents_[keyOf(e.notebook.bytes)] = e.content;
  }

  void operator()(const core::NotebookRenamed& e) { modify(e.notebook).name = e.name; }

  void operator()(const core::NotebookDeleted& e) {
    std::string key = keyOf(e.notebook.bytes);
    Rows::Row& row = view.rows_.edit(key);
    view.index_.erase({row.answer.notebook_metadata.work_group, row.created}, kPresent, key);
    view.rows_.erase(key);
    view.contents_[key] = std::nullopt;
  }

  // Other events do not show in a notebook's row.
  template <class Other>
  void operator()(const Other&) {}

  api::NotebookMetadata& modify(const core::NotebookId& id) {
    std::string key = keyOf(id.bytes);
    api::NotebookMetadata& metadata = view.rows_.edit(key).answer.notebook_metadata;
    metadata.last_modified_time = at.time;
    view.rows_.drop(key);
    return metadata;
  }
};

void NotebooksView::project(const core::RecordPosition& at, const core::Event& event) {
  std::visit(Projector{*this, at}, event);
}

void NotebooksView::write(journal::TableBatch& batch) {
  rows_.write(batch);
  index_.write(batch);
  for (const auto& [key, content] : contents_) {
    if (content) {
      batch.put(kContents, key, {reinterpret_cast<const char*>(content->data()), content->size()});
    } else {
      batch.erase(kContents, key);
    }
  }
  contents_.clear();
}

tl::expected<std::optional<core::Digest>, journal::Error> NotebooksView::content(
    std::string_view key) const {
  auto value = tables_.get(kContents, key);
  if (!value) return tl::unexpected(std::move(value.error()));
  if (!*value) return std::nullopt;
  core::Digest digest{};
  core::check((*value)->size() == digest.size(), "a digest has 32 bytes");
  std::ranges::copy(**value, digest.begin());
  return digest;
}

}  // namespace glaux::daemon
