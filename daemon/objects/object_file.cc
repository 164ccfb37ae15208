#include "daemon/objects/object_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "daemon/objects/beneath.h"

namespace glaux::daemon {
namespace {

tl::expected<ObjectFile, OpenFailure> find(int root_fd, const ObjectPath& path, int flags) {
  if (!canBeFile(path)) return tl::unexpected(OpenFailure::kMissing);
  OwnedFd fd = openBeneath(root_fd, path.bucket + '/' + path.key, flags);
  if (!fd) {
    return tl::unexpected(meansMissing(errno) ? OpenFailure::kMissing : OpenFailure::kFailed);
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) < 0) return tl::unexpected(OpenFailure::kFailed);
  if (!S_ISREG(status.st_mode)) return tl::unexpected(OpenFailure::kMissing);
  ObjectFile file = objectFileOf(status);
  file.fd = std::move(fd);
  return file;
}

}  // namespace

tl::expected<ObjectFile, OpenFailure> openObjectFile(int root_fd, const ObjectPath& path) {
  return find(root_fd, path, O_RDONLY);
}

tl::expected<ObjectFile, OpenFailure> lookAtObjectFile(int root_fd, const ObjectPath& path) {
  auto file = find(root_fd, path, O_PATH);
  if (file) file->fd.reset();
  return file;
}

ObjectFile objectFileOf(const struct stat& status) {
  ObjectFile file;
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

std::int64_t modifiedMs(const ObjectFile& file) {
  return std::int64_t{file.modified.tv_sec} * 1000 + file.modified.tv_nsec / 1'000'000;
}

}  // namespace glaux::daemon
