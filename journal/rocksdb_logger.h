#pragma once

#include <rocksdb/env.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "journal/database.h"

namespace glaux::journal {

// Receives RocksDB's own log. Warnings go to the file LOG in the database directory (not under
// kReadOnly) and the last few are remembered, because RocksDB names the damaged file there and not
// in its Status.
class RocksdbLogger : public rocksdb::Logger {
 public:
  static std::shared_ptr<RocksdbLogger> make(const DatabaseSettings& settings);

  using rocksdb::Logger::Logv;
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override;
  void Logv(const char* format, va_list arguments) override;

  // The remembered warnings, joined with "; ".
  std::string warnings() const;

 private:
  explicit RocksdbLogger(std::shared_ptr<rocksdb::Logger> file);

  const std::shared_ptr<rocksdb::Logger> file_;  // may be null
  mutable std::mutex mutex_;
  std::deque<std::string> warnings_;  // guarded by mutex_
};

}  // namespace glaux::journal
