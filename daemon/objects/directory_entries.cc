#include "daemon/objects/directory_entries.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace glaux::daemon {
namespace {

/// Some file systems do not tell the type with the name.
unsigned char typeOf(int directory_fd, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type;
  struct stat status {};
  if (::fstatat(directory_fd, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) < 0) return DT_UNKNOWN;
  return IFTODT(status.st_mode);
}

}  // namespace

std::optional<std::vector<DirectoryEntry>> readDirectory(int fd) {
  // The stream takes the descriptor it is given.
  const int own_fd = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own_fd < 0) return std::nullopt;
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(own_fd), &::closedir);
  if (!stream) {
    ::close(own_fd);
    return std::nullopt;
  }
  std::vector<DirectoryEntry> entries;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr && errno != 0) return std::nullopt;
    if (entry == nullptr) return entries;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    const unsigned char type = typeOf(fd, *entry);
    if (type == DT_REG || type == DT_DIR) entries.push_back({entry->d_name, type == DT_DIR});
  }
}

}  // namespace glaux::daemon
