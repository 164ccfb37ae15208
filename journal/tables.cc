#include "journal/tables.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <utility>

#include "journal/database.h"
#include "journal/require.h"
#include "journal/slice.h"
#include "journal/status.h"
#include "journal/tables_impl.h"

namespace glaux::journal {
namespace {

rocksdb::ColumnFamilyHandle* familyOf(const Database& database, std::string_view table) {
  rocksdb::ColumnFamilyHandle* family = database.family(table);
  require(family != nullptr, "a table was used that Options::tables does not name");
  return family;
}

}  // namespace

void TableBatch::put(std::string_view table, std::string_view key, std::string_view value) {
  changes_.push_back({Verb::kPut, std::string(table), std::string(key), std::string(value)});
}

void TableBatch::erase(std::string_view table, std::string_view key) {
  changes_.push_back({Verb::kErase, std::string(table), std::string(key), {}});
}

void TableBatch::clear(std::string_view table) {
  changes_.push_back({Verb::kClear, std::string(table), {}, {}});
}

Tables::Tables(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Tables::~Tables() = default;

tl::expected<std::optional<std::string>, Error> Tables::get(std::string_view table,
                                                            std::string_view key) const {
  const Database& database = *impl_->database;
  std::string value;
  const rocksdb::Status status =
      database.db().Get(rocksdb::ReadOptions(), familyOf(database, table), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return tl::unexpected(impl_->error(status, "reading", table));
  return value;
}

tl::expected<void, Error> Tables::scan(std::string_view table, std::string_view prefix,
                                       std::string_view after, const RowVisitor& visit) const {
  const Database& database = *impl_->database;
  const std::unique_ptr<rocksdb::Iterator> row(
      database.db().NewIterator(rocksdb::ReadOptions(), familyOf(database, table)));
  row->Seek(slice(std::max(prefix, after)));
  if (!after.empty() && row->Valid() && view(row->key()) == after) row->Next();
  for (; row->Valid() && row->key().starts_with(slice(prefix)); row->Next()) {
    if (visit(view(row->key()), view(row->value())) == Scan::kStop) return {};
  }
  if (!row->status().ok()) return tl::unexpected(impl_->error(row->status(), "reading", table));
  return {};
}

tl::expected<void, Error> Tables::write(const TableBatch& batch) {
  const Database& database = *impl_->database;
  rocksdb::WriteBatch changes;
  std::map<std::string_view, std::string_view> greatest_put;  // by table
  for (const TableBatch::Change& change : batch.changes_) {
    rocksdb::ColumnFamilyHandle* family = familyOf(database, change.table);
    rocksdb::Status status;
    switch (change.verb) {
      case TableBatch::Verb::kPut: {
        status = changes.Put(family, change.key, change.value);
        std::string_view& greatest = greatest_put[change.table];
        greatest = std::max(greatest, std::string_view(change.key));
        break;
      }
      case TableBatch::Verb::kErase:
        status = changes.Delete(family, change.key);
        break;
      case TableBatch::Verb::kClear: {
        auto last = impl_->lastKey(change.table);
        if (!last) return tl::unexpected(std::move(last.error()));
        const std::string behind_all =
            std::string(std::max(std::string_view(*last), greatest_put[change.table])) + '\0';
        status = changes.DeleteRange(family, "", behind_all);
        break;
      }
    }
    if (!status.ok()) return tl::unexpected(impl_->error(status, "writing", change.table));
  }
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  const rocksdb::Status status = database.db().Write(unlogged, &changes);
  if (!status.ok()) return tl::unexpected(impl_->error(status, "writing", "views"));
  return {};
}

std::size_t Tables::memoryBytes() const { return impl_->database->memoryBytes(); }

tl::expected<void, Error> Tables::flush() {
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  const rocksdb::Status status =
      impl_->database->db().Flush(options, impl_->database->allFamilies());
  if (!status.ok()) return tl::unexpected(impl_->error(status, "flushing", "views"));
  return {};
}

Error Tables::Impl::error(const rocksdb::Status& status, std::string_view verb,
                          std::string_view table) const {
  return errorFrom(status, std::string(verb) + " table " + std::string(table) + " in " +
                               database->db().GetName());
}

tl::expected<std::string, Error> Tables::Impl::lastKey(std::string_view table) const {
  const std::unique_ptr<rocksdb::Iterator> row(
      database->db().NewIterator(rocksdb::ReadOptions(), familyOf(*database, table)));
  row->SeekToLast();
  if (!row->status().ok()) return tl::unexpected(error(row->status(), "reading", table));
  return row->Valid() ? row->key().ToString() : std::string();
}

}  // namespace glaux::journal
