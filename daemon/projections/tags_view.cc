#include "daemon/projections/tags_view.h"

namespace glaux::daemon {

std::string TagsView::keyOfWorkGroup(std::string_view name) { return "w" + std::string(name); }

std::string TagsView::keyOfSession(const core::SessionId& session) {
  return "s" + keyOf(session.bytes);
}

void TagsView::project(const core::RecordPosition& at, const core::Event& event) {
  if (const auto* e = std::get_if<core::WorkGroupCreated>(&event)) {
    if (!e->tags.empty()) set(at, keyOfWorkGroup(e->name), e->tags);
  }
  if (const auto* e = std::get_if<core::WorkGroupDeleted>(&event))
    rows_.erase(keyOfWorkGroup(e->name));
  if (const auto* e = std::get_if<core::SessionStarted>(&event)) {
    if (!e->tags.empty()) set(at, keyOfSession(e->session), e->tags);
  }
  if (const auto* e = std::get_if<core::TagsChanged>(&event))
    set(at, e->session ? keyOfSession(*e->session) : keyOfWorkGroup(e->work_group), e->tags);
}

void TagsView::set(const core::RecordPosition& at, const std::string& key,
                   const std::vector<api::Tag>& tags) {
  rows_.create(key, at.sequence).answer.tags = tags;
  rows_.drop(key);
}

}  // namespace glaux::daemon
