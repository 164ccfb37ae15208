#pragma once

#include <rocksdb/env.h>

#include <deque>
#include <mutex>
#include <string>

namespace glaux::journal {

// Receives RocksDB's own log and remembers the last few warnings, because RocksDB names the damaged
// file there and not in its Status.
//
// It writes no file: Debian's RocksDB has its assertions compiled in, and one of them ends the
// process when the logger that writes the file LOG meets a full disk.
class RocksdbLogger : public rocksdb::Logger {
 public:
  RocksdbLogger() : rocksdb::Logger(rocksdb::WARN_LEVEL) {}

  using rocksdb::Logger::Logv;
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override;
  void Logv(const char* format, va_list arguments) override;

  // The remembered warnings, joined with "; ".
  std::string warnings() const;

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> warnings_;  // guarded by mutex_
};

}  // namespace glaux::journal
