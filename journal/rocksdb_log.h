#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "journal/database.h"
#include "journal/log_store.h"

namespace glaux::journal {

// The log in a database: a family is a column family, and a synced write is one to the WAL.
class RocksdbLog : public LogStore {
 public:
  explicit RocksdbLog(std::unique_ptr<Database> database);

  std::string name() const override;
  [[nodiscard]] tl::expected<bool, StoreFailure> get(Family family, std::string_view key,
                                                     const ValueVisitor& visit) const override;
  [[nodiscard]] bool contains(Family family, std::string_view key) const override;
  [[nodiscard]] std::unique_ptr<Cursor> records(Reading reading) const override;
  [[nodiscard]] std::unique_ptr<Batch> newBatch(std::size_t bytes) override;
  [[nodiscard]] tl::expected<void, StoreFailure> write(std::unique_ptr<Batch> batch,
                                                       Sync sync) override;
  std::size_t memoryBytes() const override { return database_->memoryBytes(); }

  // Of this log's database.
  struct Columns {
    rocksdb::ColumnFamilyHandle* records;
    rocksdb::ColumnFamilyHandle* blobs;
    rocksdb::ColumnFamilyHandle* snapshots;

    rocksdb::ColumnFamilyHandle* of(Family family) const;
  };

 private:
  const std::unique_ptr<Database> database_;
  const Columns columns_;
};

}  // namespace glaux::journal
