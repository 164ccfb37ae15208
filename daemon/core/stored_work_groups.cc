#include "daemon/core/stored_work_groups.h"

#include "daemon/core/stored.h"
#include "daemon/core/stored_api.h"

namespace glaux::core {
namespace {

static_assert(sameValue(api::WorkGroupState::kEnabled, stored::WorkGroupState::ENABLED));
static_assert(sameValue(api::WorkGroupState::kDisabled, stored::WorkGroupState::DISABLED));

}  // namespace

void write(const WorkGroupCreated& e, stored::WorkGroupCreated::Builder out) {
  out.setName(asText(e.name));
  if (e.description) out.setDescription(asText(*e.description));
  if (e.configuration != api::WorkGroupConfiguration{})
    out.setConfiguration(asText(api::encode(e.configuration)));
  if (!e.tags.empty()) putTags(out.initTags(static_cast<unsigned>(e.tags.size())), e.tags);
}

WorkGroupCreated read(stored::WorkGroupCreated::Reader in) {
  WorkGroupCreated e;
  e.name = fromText(in.getName());
  if (in.hasDescription()) e.description = fromText(in.getDescription());
  if (in.hasConfiguration())
    e.configuration = fromJson<api::WorkGroupConfiguration>(in.getConfiguration());
  e.tags = tagsFrom(in.getTags());
  return e;
}

void write(const WorkGroupUpdated& e, stored::WorkGroupUpdated::Builder out) {
  out.setName(asText(e.name));
  out.setState(sameOrdinal(e.state, stored::WorkGroupState::DISABLED));
  if (e.description) out.setDescription(asText(*e.description));
  if (e.configuration != api::WorkGroupConfiguration{})
    out.setConfiguration(asText(api::encode(e.configuration)));
}

WorkGroupUpdated read(stored::WorkGroupUpdated::Reader in) {
  WorkGroupUpdated e;
  e.name = fromText(in.getName());
  e.state = sameOrdinal(in.getState(), api::WorkGroupState::kDisabled);
  if (in.hasDescription()) e.description = fromText(in.getDescription());
  if (in.hasConfiguration())
    e.configuration = fromJson<api::WorkGroupConfiguration>(in.getConfiguration());
  return e;
}

void write(const WorkGroupDeleted& e, stored::WorkGroupDeleted::Builder out) {
  out.setName(asText(e.name));
}

WorkGroupDeleted read(stored::WorkGroupDeleted::Reader in) { return {fromText(in.getName())}; }

void write(const TagsChanged& e, stored::TagsChanged::Builder out) {
  out.setWorkGroup(asText(e.work_group));
  if (e.session) putId(out.getResource().initSession(), *e.session);
  if (!e.tags.empty()) putTags(out.initTags(static_cast<unsigned>(e.tags.size())), e.tags);
}

TagsChanged read(stored::TagsChanged::Reader in) {
  TagsChanged e;
  e.work_group = fromText(in.getWorkGroup());
  auto resource = in.getResource();
  switch (resource.which()) {
    case stored::TagsChanged::Resource::WORK_GROUP:
      break;
    case stored::TagsChanged::Resource::SESSION:
      e.session = idFrom<SessionId>(resource.getSession());
      break;
    default:
      KJ_FAIL_REQUIRE("tags of a kind of a later version");
  }
  e.tags = tagsFrom(in.getTags());
  return e;
}

// ---- notebooks

void write(const NotebookCreated& e, stored::NotebookCreated::Builder out) {
  putId(out.getNotebook(), e.notebook);
  out.setWorkGroup(asText(e.work_group));
  out.setName(asText(e.name));
  out.setContent(asData(e.content));
}

NotebookCreated read(stored::NotebookCreated::Reader in) {
  return {idFrom<NotebookId>(in.getNotebook()), fromText(in.getWorkGroup()), fromText(in.getName()),
          arrayFrom<32>(in.getContent())};
}

void write(const NotebookUpdated& e, stored::NotebookUpdated::Builder out) {
  putId(out.getNotebook(), e.notebook);
  out.setContent(asData(e.content));
}

NotebookUpdated read(stored::NotebookUpdated::Reader in) {
  return {idFrom<NotebookId>(in.getNotebook()), arrayFrom<32>(in.getContent())};
}

void write(const NotebookRenamed& e, stored::NotebookRenamed::Builder out) {
  putId(out.getNotebook(), e.notebook);
  out.setName(asText(e.name));
}

NotebookRenamed read(stored::NotebookRenamed::Reader in) {
  return {idFrom<NotebookId>(in.getNotebook()), fromText(in.getName())};
}

void write(const NotebookDeleted& e, stored::NotebookDeleted::Builder out) {
  putId(out.getNotebook(), e.notebook);
}

NotebookDeleted read(stored::NotebookDeleted::Reader in) {
  return {idFrom<NotebookId>(in.getNotebook())};
}

}  // namespace glaux::core
