#pragma once

#include <kj/async-unix.h>
#include <kj/async.h>
#include <kj/io.h>
#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace glaux::plugins {

// A process that runs code. It leads its own process group (in its executor's session, so that
// whoever ends that session finds what the code left behind), has no descriptor but the standard
// three, and is killed by the system when this process ends, however it ends.
class ChildProcess {
 public:
  struct Command {
    std::vector<std::string> argv;  // argv[0] is looked up in PATH
    std::map<std::string, std::string> environment;
    std::string working_directory;
    int stdout_fd = -1;  // these two are lent; stdin is /dev/null
    int stderr_fd = -1;  // says, too, why the command could not be executed
  };

  ChildProcess(const Command& command, kj::UnixEventPort& event_port);
  ~ChildProcess() noexcept(false);

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Once it has been waited for, 0.
  std::uint32_t pid() const;

  // To the process and everything in its group. Nothing if it has exited.
  void signalGroup(int signal);

  // Its wait status. What its group left behind is killed. Call once.
  kj::Promise<int> whenExited();

 private:
  kj::Maybe<pid_t> pid_;  // null when it has been waited for
  kj::Promise<int> exited_;
};

// For a child of this process that is about to execute something: signals as they are by default,
// and no descriptor but the standard three.
void dropInherited();

// "exit status 3", "killed by signal 9 (SIGKILL)".
std::string describeExit(int wait_status);

// For output of a child process: `writer` for its command, `reader` for `drain`.
struct Pipe {
  kj::AutoCloseFd reader;
  kj::AutoCloseFd writer;
};
Pipe makePipe();

// Hands on what comes out of the pipe until every writer has closed it.
kj::Promise<void> drain(kj::AutoCloseFd reader, kj::UnixEventPort& event_port,
                        std::function<void(std::string_view)> hand_on);

}  // namespace glaux::plugins
