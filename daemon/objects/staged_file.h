#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "daemon/objects/object_error.h"
#include "daemon/objects/object_file.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {

/// 32 hexadecimal digits that nothing else has, from getentropy(3).
std::string freshName();

/// A file under construction in a staging directory, which no reader and no listing sees. It is
/// removed by the destructor unless it was moved to where it belongs.
class StagedFile {
 public:
  /// `directory` outlives the file.
  [[nodiscard]] static tl::expected<StagedFile, ObjectError> create(const OwnedFd& directory);

  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  [[nodiscard]] tl::expected<void, ObjectError> append(std::string_view bytes);

  /// Appends a part of another file, within the kernel.
  [[nodiscard]] tl::expected<void, ObjectError> append(int from_fd, std::uint64_t offset,
                                                       std::uint64_t length);

  /// fsync(2), once everything is in it.
  [[nodiscard]] tl::expected<void, ObjectError> sync();

  /// Gives the file its place, replacing what is there. Not durable before the directory is synced.
  /// errno's value if that fails, 0 otherwise.
  [[nodiscard]] int moveTo(int directory_fd, const std::string& name);

  int fd() const { return fd_.get(); }

  /// Its size, time and inode as they are now.
  [[nodiscard]] tl::expected<ObjectFile, ObjectError> look() const;

 private:
  StagedFile(int directory_fd, std::string name, OwnedFd fd)
      : directory_fd_(directory_fd), name_(std::move(name)), fd_(std::move(fd)) {}

  int directory_fd_;
  std::string name_;  // empty once it has its place
  OwnedFd fd_;
};

}  // namespace glaux::daemon
