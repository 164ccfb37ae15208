#include "journal/rocksdb_tables.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <utility>

#include "journal/require.h"
#include "journal/slice.h"
#include "journal/status.h"

namespace glaux::journal {

rocksdb::ColumnFamilyHandle* RocksdbTables::familyOf(std::string_view table) const {
  rocksdb::ColumnFamilyHandle* family = database_->family(table);
  require(family != nullptr, "a table was used that Options::tables does not name");
  return family;
}

tl::expected<std::optional<std::string>, Error> RocksdbTables::get(std::string_view table,
                                                                   std::string_view key) const {
  std::string value;
  const rocksdb::Status status =
      database_->db().Get(rocksdb::ReadOptions(), familyOf(table), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return tl::unexpected(error(status, "reading", table));
  return value;
}

tl::expected<void, Error> RocksdbTables::scan(std::string_view table, std::string_view prefix,
                                              std::string_view after,
                                              const RowVisitor& visit) const {
  const std::unique_ptr<rocksdb::Iterator> row(
      database_->db().NewIterator(rocksdb::ReadOptions(), familyOf(table)));
  row->Seek(slice(std::max(prefix, after)));
  if (!after.empty() && row->Valid() && view(row->key()) == after) row->Next();
  for (; row->Valid() && row->key().starts_with(slice(prefix)); row->Next()) {
    if (visit(view(row->key()), view(row->value())) == Scan::kStop) return {};
  }
  if (!row->status().ok()) return tl::unexpected(error(row->status(), "reading", table));
  return {};
}

tl::expected<void, Error> RocksdbTables::write(const TableBatch& batch) {
  rocksdb::WriteBatch changes;
  std::map<std::string_view, std::string_view> greatest_put;  // by table
  for (const TableBatch::Change& change : batch.changes()) {
    rocksdb::ColumnFamilyHandle* family = familyOf(change.table);
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
        auto last = lastKey(change.table);
        if (!last) return tl::unexpected(std::move(last.error()));
        const std::string behind_all =
            std::string(std::max(std::string_view(*last), greatest_put[change.table])) + '\0';
        status = changes.DeleteRange(family, "", behind_all);
        break;
      }
    }
    if (!status.ok()) return tl::unexpected(error(status, "writing", change.table));
  }
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  const rocksdb::Status status = database_->db().Write(unlogged, &changes);
  if (!status.ok()) return tl::unexpected(error(status, "writing", "views"));
  return {};
}

tl::expected<void, Error> RocksdbTables::flush() {
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  const rocksdb::Status status = database_->db().Flush(options, database_->allFamilies());
  if (!status.ok()) return tl::unexpected(error(status, "flushing", "views"));
  return {};
}

Error RocksdbTables::error(const rocksdb::Status& status, std::string_view verb,
                           std::string_view table) const {
  return errorFrom(status, std::string(verb) + " table " + std::string(table) + " in " +
                               database_->db().GetName());
}

tl::expected<std::string, Error> RocksdbTables::lastKey(std::string_view table) const {
  const std::unique_ptr<rocksdb::Iterator> row(
      database_->db().NewIterator(rocksdb::ReadOptions(), familyOf(table)));
  row->SeekToLast();
  if (!row->status().ok()) return tl::unexpected(error(row->status(), "reading", table));
  return row->Valid() ? row->key().ToString() : std::string();
}

}  // namespace glaux::journal
