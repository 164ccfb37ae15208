#pragma once

#include <functional>
#include <memory>
#include <tl/expected.hpp>

#include "daemon/error.h"
#include "daemon/loop/poll.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {

class Loop;

/// A process that is not our child: one that an earlier run of the daemon started. Its end can be
/// seen and signals can be sent to it, but how it ended is nobody's to know. Held by a descriptor
/// (pidfd_open(2)), so that a process that is given the same pid later is never mistaken for it.
class ForeignProcess {
 public:
  /// Takes hold of whoever has the pid now; the caller checks afterwards that it is the right one.
  /// `on_exit` is called once, from the loop, when it has ended. Fails if there is no such process.
  [[nodiscard]] static tl::expected<std::unique_ptr<ForeignProcess>, Error> hold(
      Loop& loop, int pid, std::function<void()> on_exit);

  ForeignProcess(const ForeignProcess&) = delete;
  ForeignProcess& operator=(const ForeignProcess&) = delete;

  int pid() const { return pid_; }

 private:
  ForeignProcess(Loop& loop, int pid, OwnedFd pidfd, std::function<void()> on_exit);

  int pid_;
  OwnedFd pidfd_;
  std::function<void()> on_exit_;
  Poll poll_;
};

}  // namespace glaux::daemon
