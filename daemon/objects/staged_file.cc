#include "daemon/objects/staged_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "daemon/invariant.h"

namespace glaux::daemon {
namespace {

constexpr std::size_t kCopyBytes = std::size_t{1} << 20;

}  // namespace

std::string freshName() {
  std::array<unsigned char, 16> bytes;
  invariant(::getentropy(bytes.data(), bytes.size()) == 0, "getentropy cannot fail for 16 bytes");
  std::string name;
  for (const unsigned char byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    name += digits;
  }
  return name;
}

tl::expected<StagedFile, ObjectError> StagedFile::create(const OwnedFd& directory) {
  std::string name = freshName();
  OwnedFd fd(::openat(directory.get(), name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
  if (!fd) return systemFailure(errno, "Creating a file for the object");
  return StagedFile(directory.get(), std::move(name), std::move(fd));
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : directory_fd_(other.directory_fd_),
      name_(std::exchange(other.name_, {})),
      fd_(std::move(other.fd_)) {}

StagedFile::~StagedFile() {
  if (!name_.empty()) ::unlinkat(directory_fd_, name_.c_str(), 0);
}

tl::expected<void, ObjectError> StagedFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return systemFailure(errno, "Writing the object");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

tl::expected<void, ObjectError> StagedFile::append(int from_fd, std::uint64_t offset,
                                                   std::uint64_t length) {
  auto position = static_cast<off_t>(offset);
  while (length > 0) {
    const ssize_t copied = ::copy_file_range(from_fd, &position, fd_.get(), nullptr, length, 0);
    if (copied < 0 && errno == EINTR) continue;
    // Between two file systems, and on some that cannot do it at all.
    if (copied < 0 && (errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP)) break;
    if (copied < 0) return systemFailure(errno, "Copying the object");
    if (copied == 0) return refuse(api::S3ErrorCode::kInternalError, "The source became shorter.");
    length -= static_cast<std::uint64_t>(copied);
  }
  std::string buffer(std::min<std::uint64_t>(length, kCopyBytes), '\0');
  while (length > 0) {
    const ssize_t got =
        ::pread(from_fd, buffer.data(), std::min<std::uint64_t>(length, buffer.size()), position);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return systemFailure(errno, "Reading the source");
    if (got == 0) return refuse(api::S3ErrorCode::kInternalError, "The source became shorter.");
    const auto count = static_cast<std::size_t>(got);
    if (auto written = append(std::string_view(buffer.data(), count)); !written) return written;
    position += got;
    length -= count;
  }
  return {};
}

tl::expected<void, ObjectError> StagedFile::sync() {
  if (::fsync(fd_.get()) < 0) return systemFailure(errno, "Syncing the object");
  return {};
}

int StagedFile::moveTo(int directory_fd, const std::string& name) {
  if (::renameat(directory_fd_, name_.c_str(), directory_fd, name.c_str()) < 0) return errno;
  name_.clear();
  return 0;
}

tl::expected<ObjectFile, ObjectError> StagedFile::look() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) < 0) return systemFailure(errno, "Looking at the object");
  return objectFileOf(status);
}

}  // namespace glaux::daemon
