#include "plugins/process/kernel_process.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string_view>

namespace glaux::plugins {
namespace {

constexpr int kExecFailed = 127;

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

void resetSignals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool redirect(const char* path, int flags, std::initializer_list<int> targets) {
  const int fd = ::open(path, flags, 0600);
  if (fd < 0) return false;
  for (const int target : targets) {
    if (::dup2(fd, target) < 0) return false;
  }
  return true;
}

// In the child. Says on descriptor 2, which is the log, what went wrong.
[[noreturn]] void become(const KernelProcess::Command& command, char** argv, char** environment,
                         pid_t parent) {
  ::setpgid(0, 0);
  resetSignals();
  const bool prepared = redirect(command.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, {1, 2}) &&
                        redirect("/dev/null", O_RDONLY, {0}) &&
                        ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
                        ::chdir(command.working_directory.c_str()) == 0;
  // Whoever died before the prctl sends no signal any more.
  if (!prepared || ::getppid() != parent) ::_exit(kExecFailed);
  ::close_range(3, ~0U, 0);
  ::execvpe(argv[0], argv, environment);
  const std::string message = std::string(argv[0]) + ": " + std::strerror(errno) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(2, message.data(), message.size());
  ::_exit(kExecFailed);
}

pid_t spawn(const KernelProcess::Command& command) {
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

std::string describeStatus(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const char* name = ::sigabbrev_np(signal);
    return "The kernel died: killed by signal " + std::to_string(signal) +
           (name == nullptr ? "" : " (SIG" + std::string(name) + ")") + ".";
  }
  return "The kernel died: exit status " + std::to_string(WEXITSTATUS(status)) + ".";
}

bool matches(std::string_view name, std::string_view pattern) {
  if (pattern.ends_with('*')) {
    pattern.remove_suffix(1);
    return name.starts_with(pattern);
  }
  return name == pattern;
}

}  // namespace

KernelProcess::KernelProcess(const Command& command, kj::UnixEventPort& event_port)
    : pid_(spawn(command)), exited_(event_port.onChildExit(pid_)) {}

KernelProcess::~KernelProcess() noexcept(false) { signalGroup(SIGKILL); }

std::uint32_t KernelProcess::pid() const {
  KJ_IF_MAYBE (pid, pid_) {
    return static_cast<std::uint32_t>(*pid);
  }
  return 0;
}

void KernelProcess::signalGroup(int signal) {
  KJ_IF_MAYBE (pid, pid_) {
    // The child may not have called setpgid yet.
    if (::kill(-*pid, signal) != 0) ::kill(*pid, signal);
  }
}

kj::Promise<std::string> KernelProcess::whenExited() {
  return exited_.then([group = KJ_ASSERT_NONNULL(pid_)](int status) {
    ::kill(-group, SIGKILL);
    return describeStatus(status);
  });
}

std::map<std::string, std::string> selectEnvironment(const std::string& patterns) {
  std::map<std::string, std::string> selected;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view entry = *variable;
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = entry.substr(0, equals);
    std::istringstream words(patterns);
    for (std::string pattern; words >> pattern;) {
      if (matches(name, pattern)) selected.emplace(name, entry.substr(equals + 1));
    }
  }
  return selected;
}

}  // namespace glaux::plugins
