#include "journal/rocksdb_logger.h"

#include <cstdarg>
#include <cstdio>

namespace glaux::journal {
namespace {

constexpr std::size_t kRememberedWarnings = 4;

}  // namespace

void RocksdbLogger::Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) {
  if (level < rocksdb::WARN_LEVEL || level >= rocksdb::HEADER_LEVEL) return;
  char line[512];
  std::vsnprintf(line, sizeof line, format, arguments);
  const std::lock_guard lock(mutex_);
  warnings_.emplace_back(line);
  if (warnings_.size() > kRememberedWarnings) warnings_.pop_front();
}

// Lines without a level are information.
void RocksdbLogger::Logv(const char*, va_list) {}

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
