#include "journal/state_lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <thread>

#include "journal/status.h"

namespace glaux::journal {
namespace {

constexpr std::chrono::seconds kHandoverLimit{5};
constexpr std::chrono::milliseconds kHandoverPollInterval{5};

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

// What the holder wrote about itself; empty if it has not yet.
std::string holderOf(const std::filesystem::path& lock) {
  const auto text = readFile(lock);
  return text && *text ? (*text)->substr(0, (*text)->find('\n')) : "";
}

bool isGone(const std::string& holder) {
  const auto at = holder.rfind(", pid ");
  int pid = 0;
  if (at == std::string::npos || std::sscanf(holder.c_str() + at, ", pid %d", &pid) != 1)
    return false;
  return ::kill(pid, 0) != 0 && errno == ESRCH;
}

// A child that a writer forked shares its lock until it executes another program. If the writer
// was killed in between, the lock is given back a moment later.
int lockUnlessInUse(int file, const std::filesystem::path& path) {
  const auto deadline = std::chrono::steady_clock::now() + kHandoverLimit;
  while (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno;
    if (!isGone(holderOf(path)) || std::chrono::steady_clock::now() >= deadline) return EWOULDBLOCK;
    std::this_thread::sleep_for(kHandoverPollInterval);
  }
  return 0;
}

}  // namespace

tl::expected<StateLock, Error> StateLock::acquire(const std::filesystem::path& state_directory) {
  const std::filesystem::path path = state_directory / "LOCK";
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return tl::unexpected(errorFromErrno(errno, "opening " + path.string()));
  if (const int error = lockUnlessInUse(file.number(), path); error != 0) {
    if (error != EWOULDBLOCK)
      return tl::unexpected(errorFromErrno(error, "locking " + path.string()));
    const std::string holder = holderOf(path);
    return tl::unexpected(Error{Error::Kind::kLocked,
                                "state directory " + state_directory.string() + " is in use by " +
                                    (holder.empty() ? "another process" : holder) +
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
