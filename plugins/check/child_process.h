#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace glaux::plugins::check {

// A program that was started by the kit. It is killed with it, whatever becomes of the kit.
class ChildProcess {
 public:
  struct Options {
    std::filesystem::path executable;
    std::vector<std::string> arguments;
    std::filesystem::path directory;
    int lifeline_fd = -1;  // becomes its descriptor 3
    int output_fd = -1;    // becomes its descriptors 1 and 2; else /dev/null
  };

  // Starts it in a process session of its own, with stdin at /dev/null and no descriptor of the
  // kit's but those; or throws `Failed`.
  explicit ChildProcess(const Options& options);

  // SIGKILL, if it still runs.
  ~ChildProcess();

  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  // Its wait status, once it has ended.
  std::optional<int> status();

 private:
  pid_t pid_;
  std::optional<int> status_;
};

// What a program did that was started with these arguments, in an empty or some other directory.
struct Ran {
  int exit_status = -1;  // -1 if it did not end in time or ended by a signal
  std::string output;    // stdout and stderr
  std::chrono::milliseconds duration{};
};

Ran runToItsEnd(const std::filesystem::path& executable, std::vector<std::string> arguments,
                const std::filesystem::path& directory, std::chrono::milliseconds timeout);

// "exit status 1", "signal 9".
std::string describeWaitStatus(int status);

}  // namespace glaux::plugins::check
