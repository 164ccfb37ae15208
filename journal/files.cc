#include "journal/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <utility>

#include "journal/status.h"

namespace glaux::journal {
namespace {

tl::unexpected<Error> failedTo(std::string_view verb, const std::filesystem::path& path) {
  return tl::unexpected(errorFromErrno(errno, std::string(verb) + " " + path.string()));
}

bool writeAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

tl::expected<void, Error> syncDirectory(const std::filesystem::path& path) {
  const FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.number()) != 0) return failedTo("syncing", path);
  return {};
}

tl::expected<void, Error> makeDirectories(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  if (errno != ENOENT || !path.has_parent_path() || path.parent_path() == path) {
    return failedTo("creating directory", path);
  }
  if (auto made = makeDirectories(path.parent_path()); !made) return made;
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return failedTo("creating directory", path);
}

}  // namespace

FileDescriptor::~FileDescriptor() {
  if (valid()) ::close(number_);
}

FileDescriptor::FileDescriptor(FileDescriptor&& other) noexcept
    : number_(std::exchange(other.number_, -1)) {}

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

tl::expected<std::optional<std::string>, Error> readFile(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) return std::nullopt;
  std::ostringstream content;
  if (file.peek() != std::ifstream::traits_type::eof()) content << file.rdbuf();
  if (!file.is_open() || file.bad()) return failedTo("reading", path);
  return std::move(content).str();
}

tl::expected<void, Error> replaceFile(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path next = path.string() + ".new";
  {
    const FileDescriptor file(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.valid() || !writeAll(file.number(), content) || ::fdatasync(file.number()) != 0) {
      return failedTo("writing", next);
    }
  }
  if (::rename(next.c_str(), path.c_str()) != 0) return failedTo("replacing", path);
  return syncDirectory(path.parent_path());
}

tl::expected<void, Error> makeWritableDirectory(const std::filesystem::path& path) {
  if (auto made = makeDirectories(path); !made) return made;
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) == 0) return {};
  const int error_number = errno;
  struct stat info {};
  std::string doing = "writing to directory " + path.string();
  if (::stat(path.c_str(), &info) == 0) {
    char mode[8];
    std::snprintf(mode, sizeof mode, "%04o", static_cast<unsigned>(info.st_mode & 07777));
    doing += " (mode " + std::string(mode) + ", owner uid " + std::to_string(info.st_uid) +
             "; this process is uid " + std::to_string(::geteuid()) + ")";
  }
  return tl::unexpected(errorFromErrno(error_number, doing));
}

}  // namespace glaux::journal
