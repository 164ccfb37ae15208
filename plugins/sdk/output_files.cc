#include "plugins/sdk/output_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace glaux::plugins {

OutputFiles::OutputFiles(const Paths& paths) {
  open(kStdout, paths.stdout_path);
  open(kStderr, paths.stderr_path);
  open(kResult, paths.result_path);
}

OutputFiles::~OutputFiles() {
  for (int fd : fds_) {
    if (fd >= 0) ::close(fd);
  }
}

OutputFiles::OutputFiles(OutputFiles&& other) noexcept : error_(std::move(other.error_)) {
  for (int file = 0; file < kFiles; ++file) fds_[file] = std::exchange(other.fds_[file], -1);
}

void OutputFiles::open(File file, const std::filesystem::path& path) {
  fds_[file] = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fds_[file] < 0 && error_.empty()) {
    error_ = "output file " + path.string() + " cannot be created: " + std::strerror(errno);
  }
}

void OutputFiles::write(File file, std::string_view text) {
  while (!text.empty() && error_.empty()) {
    const ssize_t written = ::write(fds_[file], text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = std::string("output cannot be written: ") + std::strerror(errno);
    }
  }
}

}  // namespace glaux::plugins
