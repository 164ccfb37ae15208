#include "journal/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "journal/rocksdb_logger.h"
#include "journal/status.h"

namespace glaux::journal {
namespace {

using Families = std::vector<rocksdb::ColumnFamilyDescriptor>;

constexpr std::size_t kMiB = std::size_t{1} << 20;

// Memory is bounded by these; an idle daemon is to stay below 64 MiB in all. What the log has
// buffered is also what a start after a crash reads again, about 5 ms of processor time for every
// 1000 records.
constexpr std::size_t kLogBufferBytes = 4 * kMiB;
constexpr std::size_t kTablesBufferBytes = 8 * kMiB;
constexpr std::size_t kBlockCacheBytes = 8 * kMiB;
// The column families of the log share WAL files; this bounds what one with few writes holds back.
constexpr std::uint64_t kMaxWalBytes = 6 * kMiB;
constexpr int kMaxOpenFiles = 128;

rocksdb::BlockBasedTableOptions blockOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions options;
  options.block_cache = cache;
  options.block_size = 16 << 10;
  options.cache_index_and_filter_blocks = true;
  options.format_version = 5;
  return options;
}

rocksdb::ColumnFamilyOptions familyOptions(const rocksdb::BlockBasedTableOptions& blocks) {
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  options.compression = rocksdb::kLZ4Compression;
  options.max_write_buffer_number = 3;
  return options;
}

Families logFamilies() {
  const auto cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  const rocksdb::BlockBasedTableOptions blocks = blockOptions(cache);

  // Keys only ever grow, so files never overlap and compaction moves them without rewriting.
  rocksdb::ColumnFamilyOptions records = familyOptions(blocks);
  records.write_buffer_size = kLogBufferBytes;
  records.paranoid_file_checks = true;

  // Keys are random, values large: kept apart, so that compaction moves keys only. The filter
  // answers "do we have it already?" without reading.
  rocksdb::BlockBasedTableOptions filtered = blocks;
  filtered.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::ColumnFamilyOptions blobs = familyOptions(filtered);
  blobs.write_buffer_size = kLogBufferBytes;
  blobs.enable_blob_files = true;
  blobs.min_blob_size = 4 << 10;
  blobs.blob_compression_type = rocksdb::kLZ4Compression;

  // Two keys, overwritten in turn: compact early, so that old ones do not linger.
  rocksdb::ColumnFamilyOptions snapshots = familyOptions(blocks);
  snapshots.write_buffer_size = kLogBufferBytes;
  snapshots.level0_file_num_compaction_trigger = 2;

  return {{kRecordsFamily, records}, {kBlobsFamily, blobs}, {kSnapshotsFamily, snapshots}};
}

Families tableFamilies(const std::vector<std::string>& names) {
  rocksdb::BlockBasedTableOptions blocks = blockOptions(rocksdb::NewLRUCache(kBlockCacheBytes));
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::ColumnFamilyOptions options = familyOptions(blocks);
  options.write_buffer_size = kTablesBufferBytes;

  Families families{{rocksdb::kDefaultColumnFamilyName, options}};
  for (const std::string& name : names) families.emplace_back(name, options);
  return families;
}

// Keeps RocksDB from resuming by itself when a full disk has space again: after a failure there is
// a new process, not another attempt (see Journal).
class NeverResume : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* resume) override {
    *resume = false;
  }
};

// What both databases have in common.
rocksdb::DBOptions commonOptions(const DatabaseSettings& settings,
                                 const std::shared_ptr<RocksdbLogger>& logger) {
  rocksdb::DBOptions options;
  if (settings.env != nullptr) options.env = settings.env;
  options.info_log = logger;
  options.paranoid_checks = true;
  options.max_background_jobs = 2;
  options.max_open_files = kMaxOpenFiles;
  options.skip_stats_update_on_db_open = true;  // reads every file; only tunes compactions
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.manifest_preallocation_size = 64 << 10;
  options.max_bgerror_resume_count = 0;
  options.listeners.push_back(std::make_shared<NeverResume>());
  return options;
}

rocksdb::DBOptions logOptions(const DatabaseSettings& settings,
                              const std::shared_ptr<RocksdbLogger>& logger) {
  rocksdb::DBOptions options = commonOptions(settings, logger);
  options.track_and_verify_wals_in_manifest = true;
  options.recycle_log_file_num = 0;  // recycled logs cannot tell an old tail from a torn one
  options.max_total_wal_size = kMaxWalBytes;
  // A record that the dead process had written but not yet synced counts as durable from here on,
  // so recovery must put it on disk: it does, as a table file.
  options.avoid_flush_during_recovery = false;
  // The WAL has everything; flushing it at shutdown would only make a small file.
  options.avoid_flush_during_shutdown = true;
  return options;
}

rocksdb::DBOptions tablesOptions(const DatabaseSettings& settings,
                                 const std::shared_ptr<RocksdbLogger>& logger) {
  rocksdb::DBOptions options = commonOptions(settings, logger);
  // Without a WAL the flush is the commit, so it has to carry all tables at once.
  options.atomic_flush = true;
  options.db_write_buffer_size = kTablesBufferBytes;
  return options;
}

struct Opened {
  rocksdb::Status status;
  std::unique_ptr<Database> database;
};

Opened openDatabase(const rocksdb::DBOptions& options, const DatabaseSettings& settings,
                    const Families& families) {
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::Status status =
      settings.access == Access::kReadOnly
          ? rocksdb::DB::OpenForReadOnly(options, settings.path, families, &handles, &db)
          : rocksdb::DB::Open(options, settings.path, families, &handles, &db);
  if (!status.ok()) return {status, nullptr};
  return {status, std::make_unique<Database>(std::unique_ptr<rocksdb::DB>(db), std::move(handles))};
}

// Changes when a running writer turns a log into a table, and otherwise does not: which logs there
// are, and how long the manifests.
std::string fileTable(const std::filesystem::path& path) {
  std::vector<std::string> rows;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(path, gone)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".log")) rows.push_back(name);
    if (name.starts_with("MANIFEST"))
      rows.push_back(name + " " + std::to_string(entry.file_size(gone)));
  }
  std::sort(rows.begin(), rows.end());
  std::string table;
  for (const std::string& row : rows) table += row + "\n";
  return table;
}

// A running writer may remove a file between our reading its name and opening it, or move records
// from a log we have yet to read into a table that the manifest we have read does not name. Both
// pass; damage stays.
Opened openBesideWriter(rocksdb::DBOptions options, const DatabaseSettings& settings,
                        const Families& families) {
  options.max_open_files =
      -1;  // hold every file, so that it stays readable when the writer drops it
  constexpr int kAttempts = 50;
  for (int attempt = 1;; ++attempt) {
    const std::string before = fileTable(settings.path);
    Opened opened = openDatabase(options, settings, families);
    const bool is_of_one_moment = fileTable(settings.path) == before;
    if ((opened.status.ok() && is_of_one_moment) || attempt == kAttempts) return opened;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Error openError(const rocksdb::Status& status, const DatabaseSettings& settings,
                const RocksdbLogger& logger) {
  std::string doing = "opening " + settings.path.string();
  if (const std::string warnings = logger.warnings(); !warnings.empty()) {
    doing += " (" + warnings + ")";
  }
  return errorFrom(status, doing);
}

// Column families that are on disk but not asked for have to be opened before they can be dropped.
std::vector<std::string> familiesOnDisk(const rocksdb::DBOptions& options,
                                        const std::filesystem::path& path) {
  std::vector<std::string> names;
  rocksdb::DB::ListColumnFamilies(options, path, &names).PermitUncheckedError();
  return names;
}

Opened openTablesOnce(rocksdb::DBOptions options, const DatabaseSettings& settings,
                      const std::vector<std::string>& names) {
  if (settings.access == Access::kReadOnly) {
    return openBesideWriter(options, settings, tableFamilies(names));
  }
  std::vector<std::string> stale = familiesOnDisk(options, settings.path);
  std::erase_if(stale, [&](const std::string& name) {
    return name == rocksdb::kDefaultColumnFamilyName ||
           std::find(names.begin(), names.end(), name) != names.end();
  });
  std::vector<std::string> all = names;
  all.insert(all.end(), stale.begin(), stale.end());
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  Opened opened = openDatabase(options, settings, tableFamilies(all));
  for (const std::string& name : stale) {
    if (!opened.status.ok()) break;
    opened.status = opened.database->db().DropColumnFamily(opened.database->family(name));
  }
  return opened;
}

}  // namespace

Database::Database(std::unique_ptr<rocksdb::DB> db,
                   std::vector<rocksdb::ColumnFamilyHandle*> families)
    : db_(std::move(db)) {
  for (auto* family : families) families_.emplace(family->GetName(), family);
}

Database::~Database() {
  for (const auto& [name, family] : families_) {
    db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  }
  db_->Close().PermitUncheckedError();
}

rocksdb::ColumnFamilyHandle* Database::family(std::string_view name) const {
  const auto found = families_.find(name);
  return found == families_.end() ? nullptr : found->second;
}

std::size_t Database::memoryBytes() const {
  std::uint64_t buffers = 0, readers = 0, cache = 0;
  db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kSizeAllMemTables, &buffers);
  db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kEstimateTableReadersMem, &readers);
  // One cache serves all families of a database.
  db_->GetIntProperty(rocksdb::DB::Properties::kBlockCacheUsage, &cache);
  return buffers + readers + cache;
}

std::vector<rocksdb::ColumnFamilyHandle*> Database::allFamilies() const {
  std::vector<rocksdb::ColumnFamilyHandle*> all;
  for (const auto& [name, family] : families_) all.push_back(family);
  return all;
}

bool holdsDatabase(const std::filesystem::path& path) {
  return std::filesystem::exists(path / "CURRENT");
}

bool holdsData(const std::filesystem::path& path) {
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(path, ignored)) {
    const std::string kind = file.path().extension();
    if (kind == ".sst" || kind == ".blob") return true;
    if (kind == ".log" && file.file_size(ignored) > 0) return true;
  }
  return false;
}

tl::expected<std::unique_ptr<Database>, Error> openLog(const DatabaseSettings& settings,
                                                       std::optional<std::string>* torn_tail) {
  const Families families = logFamilies();
  const auto logger = std::make_shared<RocksdbLogger>();
  rocksdb::DBOptions options = logOptions(settings, logger);
  options.create_if_missing = settings.access == Access::kReadWrite;
  options.create_missing_column_families = options.create_if_missing;

  if (settings.access == Access::kReadOnly) {
    // The end of the WAL is being written while we read it.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    Opened opened = openBesideWriter(options, settings, families);
    if (!opened.status.ok()) return tl::unexpected(openError(opened.status, settings, *logger));
    return std::move(opened.database);
  }

  // The tolerant mode does not tell whether it had to tolerate anything, the strict one does.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  Opened opened = openDatabase(options, settings, families);
  if (opened.status.IsCorruption()) {
    const std::string strict = logger->warnings() + "; " + opened.status.ToString();
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    opened = openDatabase(options, settings, families);
    if (opened.status.ok()) *torn_tail = strict;
  }
  if (!opened.status.ok()) return tl::unexpected(openError(opened.status, settings, *logger));
  return std::move(opened.database);
}

tl::expected<std::unique_ptr<Database>, Error> openTables(const DatabaseSettings& settings,
                                                          const std::vector<std::string>& names,
                                                          std::optional<std::string>* reset) {
  const auto logger = std::make_shared<RocksdbLogger>();
  const rocksdb::DBOptions options = tablesOptions(settings, logger);
  Opened opened = openTablesOnce(options, settings, names);
  if (opened.status.ok()) return std::move(opened.database);

  Error error = openError(opened.status, settings, *logger);
  if (settings.access == Access::kReadOnly || error.kind != Error::Kind::kCorrupt) {
    return tl::unexpected(std::move(error));
  }
  opened = {};
  rocksdb::Options destroy(options, rocksdb::ColumnFamilyOptions());
  rocksdb::Status status = rocksdb::DestroyDB(settings.path, destroy);
  if (status.ok()) {
    opened = openTablesOnce(options, settings, names);
    status = opened.status;
  }
  if (!status.ok()) return tl::unexpected(openError(status, settings, *logger));
  *reset = std::move(error.message);
  return std::move(opened.database);
}

rocksdb::ReadOptions scanOptions() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.verify_checksums = true;
  options.readahead_size = std::size_t{2} << 20;
  return options;
}

}  // namespace glaux::journal
