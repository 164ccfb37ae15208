#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace glaux::journal {

// The real file system, except that it can be told to fail, and to forget what was not synced.
//
// A power failure in three steps: failWrites(); destroy the journal, whose last attempts to write
// come to nothing; forgetUnsynced(), which cuts every file back to what its last sync covered. Then
// heal().
class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FaultyFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  static const char* kClassName() { return "FaultyFileSystem"; }
  const char* Name() const override { return kClassName(); }

  // From now on every write, sync, creation, removal and renaming fails with `failure`.
  void failWrites(const rocksdb::IOStatus& failure);
  // From now on syncs fail with `failure`, writes succeed.
  void failSyncs(const rocksdb::IOStatus& failure);
  void heal();
  void forgetUnsynced();
  int syncs() const { return syncs_; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;

 private:
  friend class FaultyFile;
  rocksdb::IOStatus beforeWrite() const;
  rocksdb::IOStatus beforeSync();
  void synced(const std::string& name, std::uint64_t size);

  mutable std::mutex mutex_;
  rocksdb::IOStatus write_failure_;
  rocksdb::IOStatus sync_failure_;
  std::map<std::string, std::uint64_t> synced_size_;  // of every file written through here
  std::atomic<int> syncs_ = 0;
};

}  // namespace glaux::journal
