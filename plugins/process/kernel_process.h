#pragma once

#include <kj/async-unix.h>
#include <kj/async.h>
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace glaux::plugins {

// A child process that leads its own process group (in its executor's session, so that whoever
// ends that session finds what the code left behind), has no descriptor but the standard
// three, and is killed by the kernel when this process ends, however it ends.
class KernelProcess {
 public:
  struct Command {
    std::vector<std::string> argv;  // argv[0] is looked up in PATH
    std::map<std::string, std::string> environment;
    std::string working_directory;
    std::string log_file;  // stdout and stderr; stdin is /dev/null
  };

  KernelProcess(const Command& command, kj::UnixEventPort& event_port);
  ~KernelProcess() noexcept(false);

  KernelProcess(const KernelProcess&) = delete;
  KernelProcess& operator=(const KernelProcess&) = delete;

  // Once it has been waited for, 0.
  std::uint32_t pid() const;

  // To the process and everything in its group. Nothing if it has exited.
  void signalGroup(int signal);

  // How it ended, in a sentence. What its group left behind is killed. Call once.
  kj::Promise<std::string> whenExited();

 private:
  kj::Maybe<pid_t> pid_;  // null when it has been waited for
  kj::Promise<int> exited_;
};

// The variables of this process whose names match one of the patterns, which are separated by
// blanks: a name, or a prefix followed by '*'.
std::map<std::string, std::string> selectEnvironment(const std::string& patterns);

}  // namespace glaux::plugins
