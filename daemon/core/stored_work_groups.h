#pragma once

#include "daemon/core/events.capnp.h"
#include "daemon/core/events.h"

// Private to event_codec: the events of workgroups, tags and notebooks. Reading raises
// kj::Exception if `in` is malformed.
namespace glaux::core {

void write(const WorkGroupCreated& e, stored::WorkGroupCreated::Builder out);
WorkGroupCreated read(stored::WorkGroupCreated::Reader in);
void write(const WorkGroupUpdated& e, stored::WorkGroupUpdated::Builder out);
WorkGroupUpdated read(stored::WorkGroupUpdated::Reader in);
void write(const WorkGroupDeleted& e, stored::WorkGroupDeleted::Builder out);
WorkGroupDeleted read(stored::WorkGroupDeleted::Reader in);
void write(const TagsChanged& e, stored::TagsChanged::Builder out);
TagsChanged read(stored::TagsChanged::Reader in);
void write(const NotebookCreated& e, stored::NotebookCreated::Builder out);
NotebookCreated read(stored::NotebookCreated::Reader in);
void write(const NotebookUpdated& e, stored::NotebookUpdated::Builder out);
NotebookUpdated read(stored::NotebookUpdated::Reader in);
void write(const NotebookRenamed& e, stored::NotebookRenamed::Builder out);
NotebookRenamed read(stored::NotebookRenamed::Reader in);
void write(const NotebookDeleted& e, stored::NotebookDeleted::Builder out);
NotebookDeleted read(stored::NotebookDeleted::Reader in);

}  // namespace glaux::core
