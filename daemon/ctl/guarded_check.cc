#include "daemon/ctl/guarded_check.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "daemon/ctl/exit_code.h"

namespace glaux::daemon {
namespace {

void dieWithParentAndWithoutCore() {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
}

[[noreturn]] void runAsChild(const Check& check) {
  dieWithParentAndWithoutCore();
  const auto done = check();
  const int exit_code = done ? kExitOk : cannotOpen(done.error());
  std::fflush(stdout);
  ::_exit(exit_code);
}

// The interrupt key reaches parent and child. The child ends; the parent sees that, and tidies up.
class IgnoreInterrupt {
 public:
  IgnoreInterrupt() : before_(std::signal(SIGINT, SIG_IGN)) {}
  ~IgnoreInterrupt() { std::signal(SIGINT, before_); }
  void undo() const { std::signal(SIGINT, before_); }

 private:
  void (*before_)(int);
};

CheckEnd endOf(int status) {
  using Kind = CheckEnd::Kind;
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    return {signal == SIGABRT ? Kind::kBroken : Kind::kKilled, signal};
  }
  switch (WEXITSTATUS(status)) {
    case kExitOk:
      return {Kind::kDone};
    case kExitUsage:
      return {Kind::kNoJournal};
    default:
      return {Kind::kFailed};
  }
}

}  // namespace

CheckEnd runGuarded(const Check& check) {
  std::fflush(stdout);
  const IgnoreInterrupt ignore;
  const pid_t child = ::fork();
  if (child < 0) {
    std::fprintf(stderr, "glauxctl: starting a process failed: %s\n", std::strerror(errno));
    return {CheckEnd::Kind::kFailed};
  }
  if (child == 0) {
    ignore.undo();
    runAsChild(check);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return endOf(status);
}

}  // namespace glaux::daemon
