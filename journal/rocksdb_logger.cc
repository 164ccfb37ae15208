#include "journal/rocksdb_logger.h"

#include <rocksdb/options.h>

#include <cstdarg>
#include <cstdio>
#include <utility>

namespace glaux::journal {
namespace {

constexpr std::size_t kRememberedWarnings = 4;

}  // namespace

std::shared_ptr<RocksdbLogger> RocksdbLogger::make(const DatabaseSettings& settings) {
  std::shared_ptr<rocksdb::Logger> file;
  if (settings.access == Access::kReadWrite) {
    rocksdb::DBOptions options;
    options.info_log_level = rocksdb::WARN_LEVEL;
    options.max_log_file_size = std::size_t{1} << 20;
    options.keep_log_file_num = 4;
    // No log file is no reason not to start: whatever forbids it will be met again and reported.
    rocksdb::CreateLoggerFromOptions(settings.path, options, &file).PermitUncheckedError();
  }
  return std::shared_ptr<RocksdbLogger>(new RocksdbLogger(std::move(file)));
}

RocksdbLogger::RocksdbLogger(std::shared_ptr<rocksdb::Logger> file)
    : rocksdb::Logger(rocksdb::WARN_LEVEL), file_(std::move(file)) {}

void RocksdbLogger::Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) {
  if (level < rocksdb::WARN_LEVEL || level >= rocksdb::HEADER_LEVEL) return;
  char line[512];
  va_list copy;
  va_copy(copy, arguments);
  std::vsnprintf(line, sizeof line, format, copy);
  va_end(copy);
  if (file_) file_->Logv(level, format, arguments);
  const std::lock_guard lock(mutex_);
  warnings_.emplace_back(line);
  if (warnings_.size() > kRememberedWarnings) warnings_.pop_front();
}

void RocksdbLogger::Logv(const char* format, va_list arguments) {
  Logv(rocksdb::INFO_LEVEL, format, arguments);
}

std::string RocksdbLogger::warnings() const {
  const std::lock_guard lock(mutex_);
  std::string joined;
  for (const std::string& warning : warnings_) {
    if (!joined.empty()) joined += "; ";
    joined += warning;
  }
  return joined;
}

}  // namespace glaux::journal
