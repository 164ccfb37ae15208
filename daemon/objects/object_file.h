#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <tl/expected.hpp>

#include "daemon/objects/object_path.h"
#include "daemon/owned_fd.h"

struct stat;

namespace glaux::daemon {

/// An object, as it was at one moment.
struct ObjectFile {
  OwnedFd fd;
  std::uint64_t size = 0;
  timespec modified{};
  std::uint64_t inode = 0;
};

enum class OpenFailure {
  kMissing,  // there is no such regular file beneath the root
  kFailed,   // there may be, but it cannot be opened
};

/// Opens a file of the tree for reading, following no symbolic link and leaving the tree on no path
/// (openat2(2), RESOLVE_BENEATH). May block on the disk; may be called from any thread.
[[nodiscard]] tl::expected<ObjectFile, OpenFailure> openObjectFile(int root_fd,
                                                                   const ObjectPath& path);

/// The same without opening: `fd` stays empty.
[[nodiscard]] tl::expected<ObjectFile, OpenFailure> lookAtObjectFile(int root_fd,
                                                                     const ObjectPath& path);

/// What fstat(2) said, without a descriptor.
ObjectFile objectFileOf(const struct stat& status);

/// The quoted entity tag: changes whenever the file is written to or replaced. It is no digest of
/// the content, and does not look like one: a listing would have to read every object.
std::string entityTagOf(const ObjectFile& file);

/// Of its last modification, since 1970.
std::int64_t modifiedMs(const ObjectFile& file);

}  // namespace glaux::daemon
