#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/core/events.h"
#include "daemon/core/state.h"
#include "daemon/projections/calculations_view.h"
#include "daemon/projections/executors_view.h"
#include "daemon/projections/notebooks_view.h"
#include "daemon/projections/sessions_view.h"
#include "daemon/projections/tags_view.h"
#include "daemon/projections/work_groups_view.h"
#include "journal/tables.h"

namespace glaux::daemon {

// Everything Get and List answer from. A cache of the journal: written from durable events only,
// rebuilt from them at any time, and equal byte for byte to what a rebuild gives.
//
// project() any number of events, then commit() them together with the checkpoint; readers see
// them from then on. One thread.
class Views {
 public:
  // Raise it when rows or keys change their meaning: the views of older versions are then cleared
  // and built anew from the journal.
  static constexpr std::uint64_t kVersion = 2;

  // To be named when the journal is opened.
  static std::vector<std::string> tableNames();

  explicit Views(journal::Tables& tables);

  // The record up to which the views are true. Clears them if they are of another version, or ahead
  // of the journal, whose last record is `last_sequence`.
  tl::expected<std::uint64_t, journal::Error> open(std::uint64_t last_sequence);

  void project(const core::RecordPosition& at, const core::Event& event);
  tl::expected<void, journal::Error> commit(std::uint64_t through);

  // Starts carrying what was committed to disk.
  tl::expected<void, journal::Error> flush() { return tables_.flush(); }

  const SessionsView& sessions() const { return sessions_; }
  const CalculationsView& calculations() const { return calculations_; }
  const ExecutorsView& executors() const { return executors_; }
  const WorkGroupsView& workGroups() const { return work_groups_; }
  const TagsView& tags() const { return tags_; }
  const NotebooksView& notebooks() const { return notebooks_; }

 private:
  std::optional<journal::Error> takeFailure();

  journal::Tables& tables_;
  journal::TableBatch batch_;
  SessionsView sessions_;
  CalculationsView calculations_;
  ExecutorsView executors_;
  WorkGroupsView work_groups_;
  TagsView tags_;
  NotebooksView notebooks_;
};

}  // namespace glaux::daemon
