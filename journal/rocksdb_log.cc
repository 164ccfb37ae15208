#include "journal/rocksdb_log.h"

#include <rocksdb/write_batch.h>

#include <optional>
#include <utility>

#include "journal/require.h"
#include "journal/slice.h"
#include "journal/status.h"

namespace glaux::journal {
namespace {

class RocksdbBatch : public LogStore::Batch {
 public:
  RocksdbBatch(const RocksdbLog::Columns& columns, std::size_t bytes)
      : columns_(columns), changes_(bytes) {}

  void put(LogStore::Family family, std::string_view key, std::string_view value) override {
    // A batch in memory only fails to take a change if the change itself is impossible.
    require(changes_.Put(columns_.of(family), slice(key), slice(value)).ok(),
            "a write batch is malformed");
  }

  rocksdb::WriteBatch& changes() { return changes_; }

 private:
  const RocksdbLog::Columns& columns_;
  rocksdb::WriteBatch changes_;
};

class RocksdbCursor : public LogStore::Cursor {
 public:
  explicit RocksdbCursor(std::unique_ptr<rocksdb::Iterator> row) : row_(std::move(row)) {}

  void seek(std::string_view key) override { row_->Seek(slice(key)); }
  void seekToLast() override { row_->SeekToLast(); }
  void next() override { row_->Next(); }
  bool valid() const override { return row_->Valid(); }
  std::string_view key() const override { return view(row_->key()); }
  std::string_view value() const override { return view(row_->value()); }
  std::optional<StoreFailure> failure() const override {
    const rocksdb::Status status = row_->status();
    if (status.ok()) return std::nullopt;
    return failureFrom(status);
  }

 private:
  const std::unique_ptr<rocksdb::Iterator> row_;
};

rocksdb::ReadOptions readOptions(LogStore::Family family) {
  rocksdb::ReadOptions options;
  // Blobs and snapshots are large, and read once.
  options.fill_cache = family == LogStore::Family::kRecords;
  return options;
}

}  // namespace

rocksdb::ColumnFamilyHandle* RocksdbLog::Columns::of(Family family) const {
  switch (family) {
    case Family::kRecords:
      return records;
    case Family::kBlobs:
      return blobs;
    case Family::kSnapshots:
      return snapshots;
  }
  return nullptr;
}

RocksdbLog::RocksdbLog(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      columns_{database_->family(kRecordsFamily), database_->family(kBlobsFamily),
               database_->family(kSnapshotsFamily)} {}

std::string RocksdbLog::name() const { return database_->db().GetName(); }

tl::expected<bool, StoreFailure> RocksdbLog::get(Family family, std::string_view key,
                                                 const ValueVisitor& visit) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      database_->db().Get(readOptions(family), columns_.of(family), slice(key), &value);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return tl::unexpected(failureFrom(status));
  visit(view(value));
  return true;
}

bool RocksdbLog::contains(Family family, std::string_view key) const {
  rocksdb::PinnableSlice value;
  return database_->db().Get(rocksdb::ReadOptions(), columns_.of(family), slice(key), &value).ok();
}

std::unique_ptr<LogStore::Cursor> RocksdbLog::records(Reading reading) const {
  const rocksdb::ReadOptions options =
      reading == Reading::kOnceThrough ? scanOptions() : rocksdb::ReadOptions();
  return std::make_unique<RocksdbCursor>(std::unique_ptr<rocksdb::Iterator>(
      database_->db().NewIterator(options, columns_.of(Family::kRecords))));
}

std::unique_ptr<LogStore::Batch> RocksdbLog::newBatch(std::size_t bytes) {
  return std::make_unique<RocksdbBatch>(columns_, bytes);
}

tl::expected<void, StoreFailure> RocksdbLog::write(std::unique_ptr<Batch> batch, Sync sync) {
  rocksdb::WriteOptions options;
  options.sync = sync == Sync::kNow;
  const rocksdb::Status status =
      database_->db().Write(options, &static_cast<RocksdbBatch&>(*batch).changes());
  if (!status.ok()) return tl::unexpected(failureFrom(status));
  return {};
}

}  // namespace glaux::journal
