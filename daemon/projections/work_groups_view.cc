#include "daemon/projections/work_groups_view.h"

namespace glaux::daemon {

void WorkGroupsView::project(const core::RecordPosition& at, const core::Event& event) {
  const auto* created = std::get_if<core::WorkGroupCreated>(&event);
  if (created == nullptr) return;
  api::WorkGroup& work_group = rows_.create(created->name, at.sequence).answer.work_group;
  work_group.name = created->name;
  work_group.state = api::WorkGroupState::kEnabled;
  work_group.configuration = created->configuration;
  if (!created->description.value_or("").empty()) work_group.description = created->description;
  work_group.creation_time = at.time;
  rows_.drop(created->name);
}

tl::expected<std::vector<api::WorkGroup>, journal::Error> WorkGroupsView::byName(
    std::string_view after, std::size_t limit) const {
  std::vector<api::WorkGroup> work_groups;
  auto scanned = tables_.scan(kRows, {}, after, [&](std::string_view, std::string_view value) {
    work_groups.push_back(std::move(Rows::decodeRow(value).answer.work_group));
    return work_groups.size() == limit ? journal::Scan::kStop : journal::Scan::kContinue;
  });
  if (!scanned) return tl::unexpected(std::move(scanned.error()));
  return work_groups;
}

}  // namespace glaux::daemon
