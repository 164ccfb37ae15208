#include "daemon/projections/work_groups_view.h"

namespace glaux::daemon {

void WorkGroupsView::project(const core::RecordPosition& at, const core::Event& event) {
  if (const auto* e = std::get_if<core::WorkGroupCreated>(&event)) created(at, *e);
  if (const auto* e = std::get_if<core::WorkGroupUpdated>(&event)) updated(*e);
  if (const auto* e = std::get_if<core::WorkGroupDeleted>(&event)) rows_.erase(e->name);
}

void WorkGroupsView::created(const core::RecordPosition& at, const core::WorkGroupCreated& e) {
  api::WorkGroup& work_group = rows_.create(e.name, at.sequence).answer.work_group;
  work_group.name = e.name;
  work_group.state = api::WorkGroupState::kEnabled;
  work_group.configuration = e.configuration;
  if (!e.description.value_or("").empty()) work_group.description = e.description;
  work_group.creation_time = at.time;
  rows_.drop(e.name);
}

void WorkGroupsView::updated(const core::WorkGroupUpdated& e) {
  api::WorkGroup& work_group = rows_.edit(e.name).answer.work_group;
  work_group.state = e.state;
  work_group.configuration = e.configuration;
  work_group.description = e.description;
  rows_.drop(e.name);
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
