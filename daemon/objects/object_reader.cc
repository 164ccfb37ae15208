#include "daemon/objects/object_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/objects/object_file.h"

namespace glaux::daemon {
namespace {

tl::unexpected<ObjectReadError> failure(ObjectReadError::Kind kind, const ObjectPath& path,
                                        const std::string& what) {
  return tl::unexpected(
      ObjectReadError{kind, "s3://" + path.bucket + "/" + path.key + ": " + what});
}

}  // namespace

tl::expected<ObjectReader, Error> ObjectReader::open(const std::filesystem::path& root) {
  OwnedFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) {
    return tl::unexpected(
        Error{"cannot open the objects directory " + root.string() + ": " + std::strerror(errno)});
  }
  return ObjectReader(std::move(fd));
}

tl::expected<std::string, ObjectReadError> ObjectReader::read(const ObjectPath& path,
                                                              std::size_t max_bytes) const {
  using Kind = ObjectReadError::Kind;
  auto file = openObjectFile(root_->get(), path);
  if (!file) {
    if (file.error() == OpenFailure::kMissing) {
      return failure(Kind::kMissing, path, "there is no such object");
    }
    return failure(Kind::kFailed, path, std::string("cannot be opened: ") + std::strerror(errno));
  }
  if (file->size > max_bytes) {
    return failure(Kind::kTooLarge, path,
                   "has " + std::to_string(file->size) + " bytes, more than the " +
                       std::to_string(max_bytes) + " that are read");
  }
  std::string bytes(file->size, '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t count =
        ::pread(file->fd.get(), bytes.data() + got, bytes.size() - got, static_cast<off_t>(got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return failure(Kind::kFailed, path, std::string("cannot be read: ") + std::strerror(errno));
    }
    if (count == 0) return failure(Kind::kFailed, path, "became shorter while it was read");
    got += static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace glaux::daemon
