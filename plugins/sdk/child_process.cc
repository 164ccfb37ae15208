#include "plugins/sdk/child_process.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace glaux::plugins {
namespace {

constexpr int kExecFailed = 127;

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

// In the child. Says on descriptor 2 what went wrong.
[[noreturn]] void become(const ChildProcess::Command& command, char** argv, char** environment,
                         pid_t parent) {
  ::setpgid(0, 0);
  const bool prepared = ::dup2(::open("/dev/null", O_RDONLY), 0) == 0 &&
                        ::dup2(command.stdout_fd, 1) == 1 && ::dup2(command.stderr_fd, 2) == 2 &&
                        ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                        ::chdir(command.working_directory.c_str()) == 0;
  // Whoever died before the prctl sends no signal any more.
  if (!prepared || ::getppid() != parent) ::_exit(kExecFailed);
  dropInherited();
  ::execvpe(argv[0], argv, environment);
  const std::string message = std::string(argv[0]) + ": " + std::strerror(errno) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(2, message.data(), message.size());
  ::_exit(kExecFailed);
}

pid_t spawn(const ChildProcess::Command& command) {
  std::vector<std::string> argv = command.argv;
  std::vector<std::string> environment;
  for (const auto& [name, value] : command.environment) environment.push_back(name + "=" + value);
  std::vector<char*> argv_pointers = pointers(argv);
  std::vector<char*> environment_pointers = pointers(environment);
  const pid_t parent = ::getpid();
  pid_t child = -1;
  KJ_SYSCALL(child = ::fork());
  if (child == 0) become(command, argv_pointers.data(), environment_pointers.data(), parent);
  return child;
}

}  // namespace

ChildProcess::ChildProcess(const Command& command, kj::UnixEventPort& event_port)
    : pid_(spawn(command)), exited_(event_port.onChildExit(pid_)) {}

ChildProcess::~ChildProcess() noexcept(false) { signalGroup(SIGKILL); }

std::uint32_t ChildProcess::pid() const {
  KJ_IF_MAYBE (pid, pid_) {
    return static_cast<std::uint32_t>(*pid);
  }
  return 0;
}

void ChildProcess::signalGroup(int signal) {
  KJ_IF_MAYBE (pid, pid_) {
    // The child may not have called setpgid yet.
    if (::kill(-*pid, signal) != 0) ::kill(*pid, signal);
  }
}

kj::Promise<int> ChildProcess::whenExited() {
  return exited_.then([group = KJ_ASSERT_NONNULL(pid_)](int status) {
    ::kill(-group, SIGKILL);
    return status;
  });
}

void dropInherited() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::close_range(3, ~0U, 0);
}

std::string describeExit(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return "exit status " + std::to_string(WEXITSTATUS(wait_status));
  const int signal = WTERMSIG(wait_status);
  const char* name = ::sigabbrev_np(signal);
  return "killed by signal " + std::to_string(signal) +
         (name == nullptr ? "" : " (SIG" + std::string(name) + ")");
}

Pipe makePipe() {
  int ends[2];
  KJ_SYSCALL(::pipe2(ends, O_CLOEXEC));
  return {kj::AutoCloseFd(ends[0]), kj::AutoCloseFd(ends[1])};
}

kj::Promise<void> drain(kj::AutoCloseFd reader, kj::UnixEventPort& event_port,
                        std::function<void(std::string_view)> hand_on) {
  using Observer = kj::UnixEventPort::FdObserver;
  auto observer = kj::heap<Observer>(event_port, reader, Observer::OBSERVE_READ);
  auto readable = observer->whenBecomesReadable();
  return readable.attach(kj::mv(observer))
      .then([reader = kj::mv(reader), &event_port, hand_on]() mutable -> kj::Promise<void> {
        char text[65536];
        const ssize_t size = ::read(reader, text, sizeof(text));
        if (size <= 0) return kj::READY_NOW;
        hand_on({text, static_cast<std::size_t>(size)});
        return drain(kj::mv(reader), event_port, kj::mv(hand_on));
      });
}

}  // namespace glaux::plugins
