#include <fcntl.h>
#include <kj/debug.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "plugins/protocol/failure.h"
#include "plugins/sdk/executor_main.h"
#include "plugins/sdk/process_label.h"

// A whole executor: each calculation is a script for /bin/sh, run by a shell of its own. That shell
// is the kernel of the contract: it is there while code runs, and dies if a signal ends it.
namespace glaux::plugins {
namespace {

void closeAndReset() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::close_range(3, ~0U, 0);
}

class ShellExecutor final : public Executor {
 public:
  explicit ShellExecutor(const Tools& tools) : tools_(tools) {
    ::mkdir("work", 0700);
    leaveGuard();
  }

  kj::Promise<SessionReady> start() override {
    gone_ = kj::newPromiseAndFulfiller<std::string>();
    return SessionReady{"sh", "POSIX shell", ""};
  }

  kj::Promise<RunResult> run(Calculation& calculation) override {
    return kj::evalNow([&] { return runScript(calculation); });
  }

  void interrupt() override { signalShell(SIGINT); }

  void stop() override { gone_.fulfiller->fulfill("The session was asked to end."); }

  void kill() override { is_running_ ? signalShell(SIGKILL) : stop(); }

  kj::Promise<std::string> whenGone() override { return kj::mv(gone_.promise); }

  bool canRestart() const override { return true; }

 private:
  kj::Promise<RunResult> runScript(Calculation& calculation) {
    std::ofstream script("script", std::ios::binary);
    if (!(script << calculation.code).flush()) return failure("The script cannot be written.");
    int out[2], err[2];
    KJ_SYSCALL(::pipe2(out, O_CLOEXEC));
    KJ_SYSCALL(::pipe2(err, O_CLOEXEC));
    OutputFiles& files = calculation.output;
    shell_ = spawn(kj::AutoCloseFd(out[1]), kj::AutoCloseFd(err[1]));
    output_ =
        kj::joinPromises(kj::arr(copy(kj::AutoCloseFd(out[0]),
                                      [&](std::string_view text) { files.writeStdout(text); }),
                                 copy(kj::AutoCloseFd(err[0]),
                                      [&](std::string_view text) { files.writeStderr(text); })))
            .eagerlyEvaluate(nullptr);
    is_running_ = true;
    return tools_.event_port.onChildExit(shell_)
        .then([this](int status) { return endLeftovers().then([status] { return status; }); })
        .then([this](int status) {  // who still holds the pipes has hidden well
          return output_.exclusiveJoin(tools_.timer.afterDelay(1 * kj::SECONDS))
              .then([this, status] { return judge(status); });
        });
  }

  // A parent-death signal reaches the shell, and not what the shell has started. This child sees
  // its pipe end with this process, however it ends, and cleans up behind it.
  static void leaveGuard() {
    int life[2];
    KJ_SYSCALL(::pipe2(life, O_CLOEXEC));
    pid_t child = -1;
    KJ_SYSCALL(child = ::fork());
    ::close(life[child == 0 ? 1 : 0]);
    if (child != 0) return;
    ::setsid();
    ::dup2(life[0], 0);
    closeAndReset();
    char nothing;
    while (::read(0, &nothing, 1) > 0) continue;
    ::execl("/proc/self/exe", "glaux-executor-shell", "cleanup", ".", "--force", nullptr);
    ::_exit(1);
  }

  pid_t spawn(kj::AutoCloseFd out, kj::AutoCloseFd err) {
    const std::string label = std::string(kLabelVariable) + "=" + tools_.bootstrap.session_id;
    const char* environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", label.c_str(),
                                 nullptr};
    const pid_t parent = ::getpid();
    pid_t child = -1;
    KJ_SYSCALL(child = ::fork());
    ::setpgid(child, child);  // by both, as neither knows who is first
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent || ::chdir("work") != 0) ::_exit(127);
    ::dup2(out, 1);
    ::dup2(err, 2);
    closeAndReset();
    ::execle("/bin/sh", "sh", "../script", nullptr, environment);
    ::_exit(127);
  }

  // Until every writer has closed the pipe.
  template <typename Write>
  kj::Promise<void> copy(kj::AutoCloseFd pipe, Write write) {
    using Observer = kj::UnixEventPort::FdObserver;
    auto observer = kj::heap<Observer>(tools_.event_port, pipe, Observer::OBSERVE_READ);
    auto readable = observer->whenBecomesReadable();
    return readable.attach(kj::mv(observer))
        .then([this, pipe = kj::mv(pipe), write]() mutable -> kj::Promise<void> {
          char text[65536];
          const ssize_t size = ::read(pipe, text, sizeof(text));
          if (size <= 0) return kj::READY_NOW;
          write({text, static_cast<std::size_t>(size)});
          return copy(kj::mv(pipe), write);
        });
  }

  // A calculation ends with everything that it started, in the background and detached, too.
  kj::Promise<void> endLeftovers() {
    const auto find = [this] { return findLeftovers(tools_.bootstrap.session_id, ::getpid()); };
    const std::vector<pid_t> left = find();
    if (left.empty()) return kj::READY_NOW;
    for (const pid_t pid : left) {
      signalIf(pid, SIGKILL, [&] {
        const std::vector<pid_t> still = find();
        return std::find(still.begin(), still.end(), pid) != still.end();
      });
    }
    return tools_.timer.afterDelay(5 * kj::MILLISECONDS).then([this] { return endLeftovers(); });
  }

  kj::Promise<RunResult> judge(int status) {
    is_running_ = false;
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGINT) {
      gone_.fulfiller->fulfill("The shell died: killed by signal " +
                               std::to_string(WTERMSIG(status)) + ".");
      return kj::NEVER_DONE;
    }
    if (WIFSIGNALED(status)) return RunResult{RunResult::Kind::kRaisedAnError, "interrupted"};
    if (WEXITSTATUS(status) == 0) return RunResult{};
    return RunResult{RunResult::Kind::kRaisedAnError,
                     "exit status " + std::to_string(WEXITSTATUS(status))};
  }

  void signalShell(int signal) {
    KJ_IF_MAYBE (pid, shell_) ::kill(-*pid, signal);
  }

  const Tools tools_;
  kj::PromiseFulfillerPair<std::string> gone_ = kj::newPromiseAndFulfiller<std::string>();
  kj::Maybe<pid_t> shell_;  // until it has been waited for
  bool is_running_ = false;
  kj::Promise<void> output_ = kj::READY_NOW;
};

}  // namespace
}  // namespace glaux::plugins

int main(int argc, char** argv) {
  using namespace glaux::plugins;
  return executorMain(argc, argv,
                      {[] {
                         return ExecutorDescription{"shell", true, {}};
                       },
                       [](const Tools& tools) { return kj::heap<ShellExecutor>(tools); }});
}
