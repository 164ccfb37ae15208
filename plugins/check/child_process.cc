#include "plugins/check/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "plugins/check/expect.h"

namespace glaux::plugins::check {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kLifelineFd = 3;
constexpr int kExecFailed = 127;

int millisUntil(Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return left > 0 ? static_cast<int>(left) : 0;
}

// In the child. The descriptors are moved out of the way of each other first.
[[noreturn]] void become(const ChildProcess::Options& options, char** argv) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number = 1; number < NSIG; ++number) ::signal(number, SIG_DFL);
  const int null = ::fcntl(::open("/dev/null", O_RDWR), F_DUPFD, 10);
  const int output = options.output_fd < 0 ? null : ::fcntl(options.output_fd, F_DUPFD, 10);
  const int lifeline = options.lifeline_fd < 0 ? -1 : ::fcntl(options.lifeline_fd, F_DUPFD, 10);
  ::dup2(null, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  if (lifeline >= 0) ::dup2(lifeline, kLifelineFd);
  ::close_range(lifeline >= 0 ? kLifelineFd + 1 : kLifelineFd, ~0U, 0);
  if (::chdir(options.directory.c_str()) == 0) ::execv(argv[0], argv);
  ::_exit(kExecFailed);
}

}  // namespace

ChildProcess::ChildProcess(const Options& options) {
  std::vector<std::string> words = {options.executable.string()};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) become(options, argv.data());
  if (pid_ < 0) fail(std::string("a process cannot be started: ") + std::strerror(errno));
}

ChildProcess::~ChildProcess() {
  if (status()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void ChildProcess::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

std::optional<int> ChildProcess::status() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

Ran runToItsEnd(const std::filesystem::path& executable, std::vector<std::string> arguments,
                const std::filesystem::path& directory, std::chrono::milliseconds timeout) {
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0) fail(std::string("pipe: ") + std::strerror(errno));
  const auto began = Clock::now();
  const auto deadline = began + timeout;
  ChildProcess process({executable, std::move(arguments), directory, -1, pipe[1]});
  ::close(pipe[1]);
  Ran ran;
  pollfd readable{pipe[0], POLLIN, 0};
  char buffer[4096];
  while (::poll(&readable, 1, millisUntil(deadline)) > 0) {
    const ssize_t size = ::read(pipe[0], buffer, sizeof(buffer));
    if (size <= 0) break;
    ran.output.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(pipe[0]);
  while (!process.status() && Clock::now() < deadline) ::usleep(1000);
  ran.duration = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  const auto status = process.status();
  if (status && WIFEXITED(*status)) ran.exit_status = WEXITSTATUS(*status);
  return ran;
}

std::string describeWaitStatus(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace glaux::plugins::check
