#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <tl/expected.hpp>

#include "daemon/objects/object_path.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {

/// An opened object, as it was at that moment.
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

/// The quoted entity tag: changes whenever the file is written to or replaced.
std::string entityTagOf(const ObjectFile& file);

}  // namespace glaux::daemon
