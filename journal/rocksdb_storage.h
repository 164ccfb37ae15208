#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "journal/storage.h"

namespace rocksdb {
class Env;
}

namespace glaux::journal {

// The storage in earnest: two RocksDB databases and two files in a directory of the file system.
class RocksdbStorage : public Storage {
 public:
  // `env` is the file system below the databases, and outlives the storage. Null: the real one.
  RocksdbStorage(std::filesystem::path directory, rocksdb::Env* env);

  [[nodiscard]] tl::expected<std::unique_ptr<Lock>, Error> lock() override;
  [[nodiscard]] tl::expected<std::optional<std::string>, Error> readFile(File file) const override;
  [[nodiscard]] tl::expected<void, Error> replaceFile(File file, std::string_view content) override;
  LogPresence logPresence() const override;
  [[nodiscard]] tl::expected<std::unique_ptr<LogStore>, Error> openLog(
      Access access, std::optional<std::string>* torn_tail) override;
  [[nodiscard]] tl::expected<std::unique_ptr<Tables>, Error> openTables(
      Access access, const std::vector<std::string>& names,
      std::optional<std::string>* reset) override;

 private:
  rocksdb::Env* const env_;
};

}  // namespace glaux::journal
