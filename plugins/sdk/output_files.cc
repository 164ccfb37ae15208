#include "plugins/sdk/output_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace glaux::plugins {
namespace {

constexpr std::size_t kCheckEveryBytes = std::size_t{1} << 20;

}  // namespace

OutputFiles::OutputFiles(const Paths& paths, std::uint64_t min_free_bytes)
    : min_free_bytes_(min_free_bytes) {
  open(kStdout, paths.stdout_path);
  open(kStderr, paths.stderr_path);
  open(kResult, paths.result_path);
}

OutputFiles::~OutputFiles() {
  for (int fd : fds_) {
    if (fd >= 0) ::close(fd);
  }
}

OutputFiles::OutputFiles(OutputFiles&& other) noexcept
    : error_(std::move(other.error_)), min_free_bytes_(other.min_free_bytes_) {
  for (int file = 0; file < kFiles; ++file) fds_[file] = std::exchange(other.fds_[file], -1);
}

void OutputFiles::open(File file, const std::filesystem::path& path) {
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
  fds_[file] = ::open(path.c_str(), kFlags, 0640);
  if (fds_[file] < 0 && errno == ENOENT) {
    std::error_code shows_below;
    std::filesystem::create_directories(path.parent_path(), shows_below);
    fds_[file] = ::open(path.c_str(), kFlags, 0640);
  }
  if (fds_[file] < 0 && error_.empty()) {
    error_ = "output file " + path.string() + " cannot be created: " + std::strerror(errno);
  }
}

OutputFiles::Sizes OutputFiles::sizes() const {
  const auto size_of = [](int fd) {
    struct stat file {};
    return ::fstat(fd, &file) == 0 ? static_cast<std::uint64_t>(file.st_size) : 0;
  };
  return {size_of(fds_[kStdout]), size_of(fds_[kStderr]), size_of(fds_[kResult])};
}

void OutputFiles::write(File file, std::string_view text) {
  if (error_.empty() && !leavesReserve(fds_[file], text.size()))
    error_ = "output cannot be written: the disk is nearly full (journal.min_free_mib)";
  while (!text.empty() && error_.empty()) {
    const ssize_t written = ::write(fds_[file], text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = std::string("output cannot be written: ") + std::strerror(errno);
    }
  }
}

// Looks at the first write and then every megabyte: asking each time would show.
bool OutputFiles::leavesReserve(int fd, std::size_t bytes) {
  const bool is_first = unchecked_bytes_ == 0;
  unchecked_bytes_ += bytes;
  if (min_free_bytes_ == 0 || (!is_first && unchecked_bytes_ < kCheckEveryBytes)) return true;
  unchecked_bytes_ = 1;
  struct statvfs disk;
  if (::fstatvfs(fd, &disk) != 0) return true;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize >= min_free_bytes_ + bytes;
}

}  // namespace glaux::plugins
