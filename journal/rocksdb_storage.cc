#include "journal/rocksdb_storage.h"

#include <utility>

#include "journal/database.h"
#include "journal/files.h"
#include "journal/rocksdb_log.h"
#include "journal/rocksdb_tables.h"
#include "journal/state_lock.h"

namespace glaux::journal {
namespace {

struct HeldStateLock : Storage::Lock {
  explicit HeldStateLock(StateLock taken) : held(std::move(taken)) {}
  StateLock held;
};

}  // namespace

RocksdbStorage::RocksdbStorage(std::filesystem::path directory, rocksdb::Env* env)
    : Storage(std::move(directory)), env_(env) {}

tl::expected<std::unique_ptr<Storage::Lock>, Error> RocksdbStorage::lock() {
  if (auto made = makeWritableDirectory(directory()); !made) {
    return tl::unexpected(std::move(made.error()));
  }
  auto taken = StateLock::acquire(directory());
  if (!taken) return tl::unexpected(std::move(taken.error()));
  return std::make_unique<HeldStateLock>(std::move(*taken));
}

tl::expected<std::optional<std::string>, Error> RocksdbStorage::readFile(File file) const {
  return journal::readFile(pathOf(file));
}

tl::expected<void, Error> RocksdbStorage::replaceFile(File file, std::string_view content) {
  // HEAD lies in the state directory, which lock() has made.
  if (file == File::kFormat) {
    if (auto made = makeWritableDirectory(logPath()); !made) return made;
  }
  return journal::replaceFile(pathOf(file), content);
}

Storage::LogPresence RocksdbStorage::logPresence() const {
  if (holdsDatabase(logPath())) return LogPresence::kPresent;
  return holdsData(logPath()) ? LogPresence::kRemains : LogPresence::kAbsent;
}

tl::expected<std::unique_ptr<LogStore>, Error> RocksdbStorage::openLog(
    Access access, std::optional<std::string>* torn_tail) {
  if (access == Access::kReadWrite) {
    if (auto made = makeWritableDirectory(logPath()); !made) {
      return tl::unexpected(std::move(made.error()));
    }
  }
  if (logPresence() == LogPresence::kRemains) {
    return tl::unexpected(missingRoot(logPath() / "CURRENT"));
  }
  auto opened = journal::openLog({logPath(), access, env_}, torn_tail);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  return std::make_unique<RocksdbLog>(std::move(*opened));
}

tl::expected<std::unique_ptr<Tables>, Error> RocksdbStorage::openTables(
    Access access, const std::vector<std::string>& names, std::optional<std::string>* reset) {
  if (access == Access::kReadWrite) {
    if (auto made = makeWritableDirectory(tablesPath()); !made) {
      return tl::unexpected(std::move(made.error()));
    }
  }
  auto opened = journal::openTables({tablesPath(), access, env_}, names, reset);
  if (!opened) return tl::unexpected(std::move(opened.error()));
  return std::make_unique<RocksdbTables>(std::move(*opened));
}

}  // namespace glaux::journal
