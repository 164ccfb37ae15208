#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "journal/access.h"
#include "journal/error.h"
#include "journal/log_store.h"
#include "journal/tables.h"

namespace glaux::journal {

// What a journal stands on: a state directory (FORMAT.md) with two small files, a lock, the log and
// the tables. In earnest that is RocksDB and the file system (rocksdb_storage.h); a simulation
// brings its own, which may lose, damage and refuse what a real disk may.
//
// It is the only way by which a journal reaches the disk. An implementation for simulation may let
// an exception of its own pass through any call that writes or opens; the journal is good for
// nothing but destruction then.
class Storage {
 public:
  enum class File {
    kFormat,  // <state>/journal/FORMAT
    kHead,    // <state>/HEAD
  };

  enum class LogPresence {
    kAbsent,
    kPresent,
    kRemains,  // data of a log that has lost its root; a new one must not be put over it
  };

  // Held while it lives.
  class Lock {
   public:
    virtual ~Lock() = default;
  };

  explicit Storage(std::filesystem::path directory) : directory_(std::move(directory)) {}
  virtual ~Storage() = default;
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  std::filesystem::path logPath() const { return directory_ / "journal"; }
  std::filesystem::path tablesPath() const { return directory_ / "tables"; }
  std::filesystem::path pathOf(File file) const {
    return file == File::kFormat ? logPath() / "FORMAT" : directory_ / "HEAD";
  }

  // Creates the state directory if it is not there, and makes this process its only writer.
  // kLocked names the one that is.
  [[nodiscard]] virtual tl::expected<std::unique_ptr<Lock>, Error> lock() = 0;

  // The whole content, or nothing if there is no such file.
  [[nodiscard]] virtual tl::expected<std::optional<std::string>, Error> readFile(
      File file) const = 0;
  // After success the file holds `content` and survives a power failure; after a failure or a crash
  // it holds what it held before, or `content`.
  [[nodiscard]] virtual tl::expected<void, Error> replaceFile(File file,
                                                              std::string_view content) = 0;

  virtual LogPresence logPresence() const = 0;
  // Opens the log, or creates it (not under kReadOnly); over remains it is kCorrupt. A torn tail is
  // dropped and described in `*torn_tail`; any other damage that opening meets is kCorrupt. What a
  // writer finds is durable from then on.
  [[nodiscard]] virtual tl::expected<std::unique_ptr<LogStore>, Error> openLog(
      Access access, std::optional<std::string>* torn_tail) = 0;
  // Opens or creates the tables, exactly those named. Tables that are damaged are begun anew (not
  // under kReadOnly), and the reason is left in `*reset`.
  [[nodiscard]] virtual tl::expected<std::unique_ptr<Tables>, Error> openTables(
      Access access, const std::vector<std::string>& names, std::optional<std::string>* reset) = 0;

 private:
  const std::filesystem::path directory_;
};

// The kCorrupt of a directory that holds data, but not the file `missing` that leads to it.
Error missingRoot(const std::filesystem::path& missing);

}  // namespace glaux::journal
