#include "daemon/loop/foreign_process.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace glaux::daemon {

tl::expected<std::unique_ptr<ForeignProcess>, Error> ForeignProcess::hold(
    Loop& loop, int pid, std::function<void()> on_exit) {
  OwnedFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd)
    return tl::unexpected(
        Error{"process " + std::to_string(pid) + " cannot be held: " + std::strerror(errno)});
  return std::unique_ptr<ForeignProcess>(
      new ForeignProcess(loop, pid, std::move(pidfd), std::move(on_exit)));
}

// The descriptor becomes readable when the process ends, and stays so.
ForeignProcess::ForeignProcess(Loop& loop, int pid, OwnedFd pidfd, std::function<void()> on_exit)
    : pid_(pid),
      pidfd_(std::move(pidfd)),
      on_exit_(std::move(on_exit)),
      poll_(loop, pidfd_.get(), [this](int) {
        poll_.stop();
        // From a copy: the callback may destroy this object.
        auto exited = std::move(on_exit_);
        exited();
      }) {
  poll_.start(Poll::kReadable);
}

}  // namespace glaux::daemon
