#include "journal/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string>

#include "journal/status.h"

namespace glaux::journal {
namespace {

std::string describeThisProcess() {
  const auto command = readFile("/proc/self/comm");
  std::string name = command && *command ? **command : "unknown";
  if (!name.empty() && name.back() == '\n') name.pop_back();
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char since[32];
  std::strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return name + ", pid " + std::to_string(::getpid()) + ", since " + since;
}

}  // namespace

tl::expected<StateLock, Error> StateLock::acquire(const std::filesystem::path& state_directory) {
  const std::filesystem::path path = state_directory / "LOCK";
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return tl::unexpected(errorFromErrno(errno, "opening " + path.string()));
  if (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return tl::unexpected(errorFromErrno(errno, "locking " + path.string()));
    }
    const auto holder = readFile(path);
    const std::string who = holder && *holder && !(*holder)->empty() ? **holder : "another process";
    return tl::unexpected(
        Error{Error::Kind::kLocked, "state directory " + state_directory.string() +
                                        " is in use by " + who.substr(0, who.find('\n')) +
                                        "; stop that process, or choose another state directory"});
  }
  const std::string holder = describeThisProcess() + "\n";
  if (::ftruncate(file.number(), 0) != 0 || ::pwrite(file.number(), holder.data(), holder.size(),
                                                     0) != static_cast<ssize_t>(holder.size())) {
    return tl::unexpected(errorFromErrno(errno, "writing " + path.string()));
  }
  return StateLock(std::move(file));
}

}  // namespace glaux::journal
