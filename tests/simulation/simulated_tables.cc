#include "tests/simulation/simulated_tables.h"

#include <algorithm>

#include "journal/require.h"
#include "journal/status.h"

namespace glaux::simulation {
namespace {

using journal::Error;
using journal::require;

// How likely a full disk is noticed by a write that only goes to memory.
constexpr unsigned kFullNoticedPercent = 25;

// Counts a scan as long as it lives.
struct Scanning {
  explicit Scanning(int& scans) : scans_(scans) { ++scans_; }
  ~Scanning() { --scans_; }
  int& scans_;
};

}  // namespace

SimulatedTables::~SimulatedTables() {
  if (alive() && access_ == journal::Access::kReadWrite && !disk().tables_failure) {
    disk().tables.settle();
  }
}

tl::expected<std::optional<std::string>, Error> SimulatedTables::get(std::string_view table,
                                                                     std::string_view key) const {
  if (!alive()) return failed("reading", machineIsOff());
  const TableRows::Rows& rows = rowsOf(table);
  const auto found = rows.find(key);
  if (found == rows.end()) return std::nullopt;
  return found->second;
}

tl::expected<void, Error> SimulatedTables::scan(std::string_view table, std::string_view prefix,
                                                std::string_view after,
                                                const RowVisitor& visit) const {
  if (!alive()) return failed("reading", machineIsOff());
  const Scanning scanning(scans_);
  const TableRows::Rows& rows = rowsOf(table);
  auto row = rows.lower_bound(std::max(prefix, after));
  if (!after.empty() && row != rows.end() && row->first == after) ++row;
  for (; row != rows.end() && row->first.starts_with(prefix); ++row) {
    if (visit(row->first, row->second) == journal::Scan::kStop) return {};
  }
  return {};
}

tl::expected<void, Error> SimulatedTables::write(const journal::TableBatch& batch) {
  if (!alive()) return failed("writing", machineIsOff());
  require(access_ == journal::Access::kReadWrite, "a write to tables opened read-only");
  require(scans_ == 0, "the simulated tables cannot show a scan the rows of before a write");
  for (const auto& change : batch.changes()) static_cast<void>(rowsOf(change.table));
  auto& failure = disk().tables_failure;
  if (!failure && disk().full && disk().random.chance(kFullNoticedPercent)) failure = noSpace();
  if (failure) return failed("writing", *failure);
  disk().at("tables: before a write");
  disk().tables.write(batch, disk().random);
  disk().at("tables: behind a write");
  return {};
}

tl::expected<void, Error> SimulatedTables::flush() {
  if (!alive()) return failed("flushing", machineIsOff());
  auto& failure = disk().tables_failure;
  if (!failure && disk().full) failure = noSpace();
  if (failure) return failed("flushing", *failure);
  disk().at("tables: before a flush");
  disk().tables.requestFlush();
  disk().at("tables: behind the begin of a flush");
  return {};
}

const TableRows::Rows& SimulatedTables::rowsOf(std::string_view table) const {
  const TableRows::Rows* rows = disk().tables.find(table);
  require(rows != nullptr, "a table was used that Options::tables does not name");
  return *rows;
}

tl::unexpected<Error> SimulatedTables::failed(std::string_view verb,
                                              const journal::StoreFailure& failure) const {
  return tl::unexpected(
      journal::errorFrom(failure, std::string(verb) + " views in " + path_.string()));
}

}  // namespace glaux::simulation
