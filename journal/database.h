#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "journal/error.h"
#include "journal/journal.h"

// How this folder uses RocksDB. There are two databases, because they make opposite promises:
//
// - the log (<state>/journal): records, blobs and snapshots. Everything goes through the
// write-ahead log (WAL)
//   and is synced before anybody hears of it.
// - the tables (<state>/tables): views. Nothing goes through a WAL; all column families are flushed
//   together. In the log's database a view write would queue behind the sync in progress, that is,
//   the loop would wait for the disk.
namespace glaux::journal {

// An open database with its column families.
class Database {
 public:
  Database(std::unique_ptr<rocksdb::DB> db, std::vector<rocksdb::ColumnFamilyHandle*> families);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  // Null if there is none of this name.
  rocksdb::ColumnFamilyHandle* family(std::string_view name) const;
  std::vector<rocksdb::ColumnFamilyHandle*> allFamilies() const;
  // Write buffers, block cache and what is kept of open files. Bounded, whatever the history.
  std::size_t memoryBytes() const;

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::map<std::string, rocksdb::ColumnFamilyHandle*, std::less<>> families_;
};

// Column families of the log. Names are on disk.
inline constexpr const char* kRecordsFamily = "default";
inline constexpr const char* kBlobsFamily = "blobs";
inline constexpr const char* kSnapshotsFamily = "snapshots";

struct DatabaseSettings {
  std::filesystem::path path;
  Access access = Access::kReadWrite;
  rocksdb::Env* env = nullptr;
};

// Whether there is a database in `path`, which need not exist.
bool holdsDatabase(const std::filesystem::path& path);
// Whether files in `path` hold data. If they do and there is no database, it is damaged, and
// creating one over it would delete them.
bool holdsData(const std::filesystem::path& path);

// Opens the log, or creates it (not under kReadOnly). A torn tail of its WAL is dropped and
// described in `*torn_tail`; any other damage that opening meets is kCorrupt.
[[nodiscard]] tl::expected<std::unique_ptr<Database>, Error> openLog(
    const DatabaseSettings& settings, std::optional<std::string>* torn_tail);

// Opens or creates the tables, exactly those named. Tables that cannot be opened for anything but
// lack of space or permission are begun anew, and the reason is left in `*reset`.
[[nodiscard]] tl::expected<std::unique_ptr<Database>, Error> openTables(
    const DatabaseSettings& settings, const std::vector<std::string>& names,
    std::optional<std::string>* reset);

// For reading once through: past the cache, checksums verified.
rocksdb::ReadOptions scanOptions();

}  // namespace glaux::journal
