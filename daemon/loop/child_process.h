#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/error.h"
#include "daemon/loop/handle.h"

struct uv_process_s;

namespace glaux::daemon {

class Loop;

/// What to start and what it inherits.
struct ChildOptions {
  /// Searched on PATH unless it contains a slash.
  std::string executable;
  /// Without argv[0], which is `executable`.
  std::vector<std::string> arguments = {};
  /// "NAME=value" each; the daemon's own environment if absent.
  std::optional<std::vector<std::string>> environment = {};
  /// The daemon's own if empty.
  std::string working_directory = {};

  struct InheritedFd {
    int child_fd;
    int parent_fd;
  };
  /// Descriptors the child gets, by the number it sees. 0, 1 and 2 are /dev/null unless named here.
  /// It gets no others: spawning marks every descriptor of the daemon close-on-exec.
  std::vector<InheritedFd> inherited = {};

  /// Gives the child a session and a process group of its own (setsid), so that signals meant for
  /// the daemon's group do not reach it. It may then outlive the daemon.
  bool own_session = false;
};

struct ChildExit {
  /// Exit status, meaningful if `signal` is 0.
  std::int64_t code = 0;
  /// The signal that ended the child, or 0.
  int signal = 0;
};

/// A child process. Destroying this object neither stops the process nor waits for it: an executor
/// outlives the daemon. While the daemon runs, keep the object until the exit was reported, or the
/// child stays a zombie until the daemon ends.
class ChildProcess {
 public:
  /// Starts the process. `on_exit` is called once, after this function returned, when it has ended.
  /// Fails if the executable cannot be run, a descriptor cannot be passed, or the fork fails.
  [[nodiscard]] static tl::expected<std::unique_ptr<ChildProcess>, Error> spawn(
      Loop& loop, const ChildOptions& options, std::function<void(ChildExit)> on_exit);
  ~ChildProcess();

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const;

  /// Sends a signal. False if the process has already ended and been reported.
  bool kill(int signal_number);

 private:
  using Handle = UvHandle<uv_process_s, std::int64_t, int>;
  explicit ChildProcess(Handle handle);

  Handle handle_;
};

}  // namespace glaux::daemon
