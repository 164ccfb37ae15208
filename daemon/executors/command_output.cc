#include "daemon/executors/command_output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>

#include "daemon/owned_fd.h"

namespace glaux::daemon {
namespace {

constexpr std::size_t kMaxOutputBytes = std::size_t{1} << 20;

struct Pipe {
  OwnedFd read_end, write_end;
};

tl::expected<Pipe, Error> makePipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0)
    return tl::unexpected(Error{std::string("pipe: ") + std::strerror(errno)});
  return Pipe{OwnedFd(fds[0]), OwnedFd(fds[1])};
}

tl::expected<pid_t, Error> spawn(const std::filesystem::path& executable,
                                 const std::vector<std::string>& arguments, int stdout_fd) {
  std::string path = executable.string();
  std::vector<char*> argv{path.data()};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, stdout_fd, 1);
  pid_t pid = 0;
  int failed = ::posix_spawn(&pid, path.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    return tl::unexpected(Error{"cannot run " + path + ": " + std::strerror(failed)});
  return pid;
}

// False when the time was up or the output too long before the end of it.
bool readAll(int fd, int timeout_ms, std::string& output) {
  using Clock = std::chrono::steady_clock;
  auto deadline = Clock::now() + std::chrono::milliseconds(timeout_ms);
  for (;;) {
    auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd readable{fd, POLLIN, 0};
    if (left <= 0 || ::poll(&readable, 1, static_cast<int>(left)) <= 0) return false;
    char buffer[4096];
    ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got == 0) return true;
    if (got < 0 || output.size() + static_cast<std::size_t>(got) > kMaxOutputBytes) return false;
    output.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace

tl::expected<std::string, Error> commandOutput(const std::filesystem::path& executable,
                                               const std::vector<std::string>& arguments,
                                               int timeout_ms) {
  auto pipe = makePipe();
  if (!pipe) return tl::unexpected(std::move(pipe.error()));
  auto pid = spawn(executable, arguments, pipe->write_end.get());
  if (!pid) return tl::unexpected(std::move(pid.error()));
  pipe->write_end.reset();

  std::string output;
  bool complete = readAll(pipe->read_end.get(), timeout_ms, output);
  if (!complete) ::kill(*pid, SIGKILL);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!complete || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return tl::unexpected(
        Error{executable.string() + (complete ? " failed" : " did not come to its end in time")});
  return output;
}

}  // namespace glaux::daemon
