#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "journal/database.h"
#include "journal/tables.h"

namespace glaux::journal {

// Tables in a database of their own: a table is a column family.
class RocksdbTables : public Tables {
 public:
  explicit RocksdbTables(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  [[nodiscard]] tl::expected<std::optional<std::string>, Error> get(
      std::string_view table, std::string_view key) const override;
  [[nodiscard]] tl::expected<void, Error> scan(std::string_view table, std::string_view prefix,
                                               std::string_view after,
                                               const RowVisitor& visit) const override;
  [[nodiscard]] tl::expected<void, Error> write(const TableBatch& batch) override;
  [[nodiscard]] tl::expected<void, Error> flush() override;
  std::size_t memoryBytes() const override { return database_->memoryBytes(); }

 private:
  rocksdb::ColumnFamilyHandle* familyOf(std::string_view table) const;
  // The greatest key; empty if the table is.
  tl::expected<std::string, Error> lastKey(std::string_view table) const;
  Error error(const rocksdb::Status& status, std::string_view verb, std::string_view table) const;

  const std::unique_ptr<Database> database_;
};

}  // namespace glaux::journal
