#include "tests/unit/journal/faulty_file_system.h"

#include <filesystem>

namespace glaux::journal {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class FaultyFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyFile(FaultyFileSystem* system, std::string name,
             std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), system_(system), name_(std::move(name)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* context) override {
    IOStatus status = system_->beforeWrite();
    if (status.ok()) status = FSWritableFileOwnerWrapper::Append(data, options, context);
    if (status.ok()) size_ += data.size();
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return remember(system_->beforeSync(),
                    [&] { return FSWritableFileOwnerWrapper::Sync(options, context); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return remember(system_->beforeSync(),
                    [&] { return FSWritableFileOwnerWrapper::Fsync(options, context); });
  }

 private:
  template <typename SyncFile>
  IOStatus remember(IOStatus status, SyncFile sync) {
    if (status.ok()) status = sync();
    if (status.ok()) system_->synced(name_, size_);
    return status;
  }

  FaultyFileSystem* const system_;
  const std::string name_;
  std::uint64_t size_ = 0;
};

void FaultyFileSystem::failWrites(const IOStatus& failure) {
  const std::lock_guard lock(mutex_);
  write_failure_ = failure;
}

void FaultyFileSystem::failSyncs(const IOStatus& failure) {
  const std::lock_guard lock(mutex_);
  sync_failure_ = failure;
}

void FaultyFileSystem::heal() {
  const std::lock_guard lock(mutex_);
  write_failure_ = sync_failure_ = IOStatus::OK();
}

void FaultyFileSystem::forgetUnsynced() {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, size] : synced_size_) {
    if (std::filesystem::exists(name)) std::filesystem::resize_file(name, size);
  }
  synced_size_.clear();
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& name,
                                           const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                                           IODebugContext* context) {
  IOStatus status = beforeWrite();
  std::unique_ptr<rocksdb::FSWritableFile> real;
  if (status.ok()) status = FileSystemWrapper::NewWritableFile(name, options, &real, context);
  if (!status.ok()) return status;
  synced(name, 0);
  *file = std::make_unique<FaultyFile>(this, name, std::move(real));
  return status;
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                      IODebugContext* context) {
  IOStatus status = beforeWrite();
  if (status.ok()) status = FileSystemWrapper::DeleteFile(name, options, context);
  const std::lock_guard lock(mutex_);
  if (status.ok()) synced_size_.erase(name);
  return status;
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to,
                                      const IOOptions& options, IODebugContext* context) {
  IOStatus status = beforeWrite();
  if (status.ok()) status = FileSystemWrapper::RenameFile(from, to, options, context);
  const std::lock_guard lock(mutex_);
  if (const auto moved = synced_size_.find(from); status.ok() && moved != synced_size_.end()) {
    synced_size_[to] = moved->second;
    synced_size_.erase(moved);
  }
  return status;
}

IOStatus FaultyFileSystem::beforeWrite() const {
  const std::lock_guard lock(mutex_);
  return write_failure_;
}

IOStatus FaultyFileSystem::beforeSync() {
  const std::lock_guard lock(mutex_);
  ++syncs_;
  return write_failure_.ok() ? sync_failure_ : write_failure_;
}

void FaultyFileSystem::synced(const std::string& name, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  synced_size_[name] = size;
}

}  // namespace glaux::journal
