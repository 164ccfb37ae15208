#include "daemon/objects/object_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace glaux::daemon {
namespace {

OwnedFd openBeneath(int root_fd, const char* path) {
  open_how how{};
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  while (true) {
    const long fd = ::syscall(SYS_openat2, root_fd, path, &how, sizeof how);
    // EAGAIN: a rename elsewhere in the tree made it impossible to be sure; openat2(2) says to
    // retry.
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return OwnedFd(static_cast<int>(fd));
  }
}

bool meansMissing(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV ||
         error == ENAMETOOLONG || error == ENXIO;
}

}  // namespace

tl::expected<ObjectFile, OpenFailure> openObjectFile(int root_fd, const ObjectPath& path) {
  if (!canBeFile(path)) return tl::unexpected(OpenFailure::kMissing);
  ObjectFile file;
  file.fd = openBeneath(root_fd, (path.bucket + '/' + path.key).c_str());
  if (!file.fd) {
    return tl::unexpected(meansMissing(errno) ? OpenFailure::kMissing : OpenFailure::kFailed);
  }
  struct stat status {};
  if (::fstat(file.fd.get(), &status) < 0) return tl::unexpected(OpenFailure::kFailed);
  if (!S_ISREG(status.st_mode)) return tl::unexpected(OpenFailure::kMissing);
  file.size = static_cast<std::uint64_t>(status.st_size);
  file.modified = status.st_mtim;
  file.inode = status.st_ino;
  return file;
}

std::string entityTagOf(const ObjectFile& file) {
  const auto modified_ns = static_cast<unsigned long long>(file.modified.tv_sec) * 1'000'000'000 +
                           static_cast<unsigned long long>(file.modified.tv_nsec);
  char text[64];
  std::snprintf(text, sizeof text, "\"%llx-%llx-%llx\"",
                static_cast<unsigned long long>(file.inode),
                static_cast<unsigned long long>(file.size), modified_ns);
  return text;
}

}  // namespace glaux::daemon
