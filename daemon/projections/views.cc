#include "daemon/projections/views.h"

namespace glaux::daemon {
namespace {

constexpr std::string_view kMeta = "views";
constexpr std::string_view kCheckpoint = "checkpoint";
constexpr std::string_view kVersionKey = "version";

tl::expected<std::uint64_t, journal::Error> readNumber(const journal::Tables& tables,
                                                       std::string_view key) {
  auto value = tables.get(kMeta, key);
  if (!value) return tl::unexpected(std::move(value.error()));
  return *value ? readBigEndian64(**value) : 0;
}

}  // namespace

std::vector<std::string> Views::tableNames() {
  return {SessionsView::kRows,     SessionsView::kIndex,     SessionsView::kNotebookIndex,
          CalculationsView::kRows, CalculationsView::kIndex, ExecutorsView::kRows,
          WorkGroupsView::kRows,   TagsView::kRows,          NotebooksView::kRows,
          NotebooksView::kIndex,   NotebooksView::kContents, std::string(kMeta)};
}

Views::Views(journal::Tables& tables)
    : tables_(tables),
      sessions_(tables),
      calculations_(tables, sessions_),
      executors_(tables),
      work_groups_(tables),
      tags_(tables),
      notebooks_(tables) {}

tl::expected<std::uint64_t, journal::Error> Views::open(std::uint64_t last_sequence) {
  auto version = readNumber(tables_, kVersionKey);
  if (!version) return version;
  auto checkpoint = readNumber(tables_, kCheckpoint);
  if (!checkpoint) return checkpoint;
  if (*version == kVersion && *checkpoint <= last_sequence) return *checkpoint;

  journal::TableBatch fresh;
  for (const std::string& table : tableNames()) fresh.clear(table);
  fresh.put(kMeta, kVersionKey, bigEndian64(kVersion));
  if (auto written = tables_.write(fresh); !written)
    return tl::unexpected(std::move(written.error()));
  return 0;
}

void Views::project(const core::RecordPosition& at, const core::Event& event) {
  work_groups_.project(at, event);
  sessions_.project(at, event);
  calculations_.project(at, event);
  executors_.project(at, event);
  tags_.project(at, event);
  notebooks_.project(at, event);
}

tl::expected<void, journal::Error> Views::commit(std::uint64_t through) {
  work_groups_.write(batch_);
  sessions_.write(batch_);
  calculations_.write(batch_);
  executors_.write(batch_);
  tags_.write(batch_);
  notebooks_.write(batch_);
  batch_.put(kMeta, kCheckpoint, bigEndian64(through));
  if (auto failure = takeFailure()) return tl::unexpected(std::move(*failure));
  auto written = tables_.write(batch_);
  batch_.reset();
  return written;
}

std::optional<journal::Error> Views::takeFailure() {
  if (auto failure = sessions_.takeFailure()) return failure;
  if (auto failure = calculations_.takeFailure()) return failure;
  if (auto failure = executors_.takeFailure()) return failure;
  if (auto failure = tags_.takeFailure()) return failure;
  if (auto failure = notebooks_.takeFailure()) return failure;
  return work_groups_.takeFailure();
}

}  // namespace glaux::daemon
