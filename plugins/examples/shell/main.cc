#include <signal.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "plugins/protocol/failure.h"
#include "plugins/sdk/child_process.h"
#include "plugins/sdk/executor_main.h"
#include "plugins/sdk/leftovers.h"
#include "plugins/sdk/process_label.h"

// A whole executor: each calculation is a script for /bin/sh, run by a shell of its own. That shell
// is the kernel of the contract: it is there while code runs, and dies if a signal ends it.
namespace glaux::plugins {
namespace {

class ShellExecutor final : public Executor {
 public:
  explicit ShellExecutor(const Tools& tools) : tools_(tools) {
    std::filesystem::create_directory("work");
    leaveGuard();
  }

  kj::Promise<SessionReady> start() override {
    gone_ = kj::newPromiseAndFulfiller<std::string>();
    return SessionReady{"sh", "POSIX shell", ""};
  }

  kj::Promise<RunResult> run(Calculation& calculation) override {
    std::ofstream script("script", std::ios::binary);
    if (!(script << calculation.code).flush()) return failure("The script cannot be written.");
    launch(calculation.output);
    return shell_->whenExited().then([this](int status) {
      return endLeftovers(tools_.bootstrap.session_id, tools_.timer)
          .then([this] {  // who still holds the pipes has hidden well
            return output_.exclusiveJoin(tools_.timer.afterDelay(1 * kj::SECONDS));
          })
          .then([this, status] { return judge(status); });
    });
  }

  void interrupt() override {
    if (shell_) shell_->signalGroup(SIGINT);
  }

  void stop() override { gone_.fulfiller->fulfill("The session was asked to end."); }

  void kill() override { shell_ ? shell_->signalGroup(SIGKILL) : stop(); }

  kj::Promise<std::string> whenGone() override { return kj::mv(gone_.promise); }

  bool canRestart() const override { return true; }

 private:
  void launch(OutputFiles& files) {
    Pipe out = makePipe(), err = makePipe();
    const ChildProcess::Command command{{"/bin/sh", "../script"},
                                        {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                         {"LANG", "C.UTF-8"},
                                         {kLabelVariable, tools_.bootstrap.session_id}},
                                        "work",
                                        out.writer,
                                        err.writer};
    shell_ = std::make_unique<ChildProcess>(command, tools_.event_port);
    auto stdout_read = drain(kj::mv(out.reader), tools_.event_port,
                             [&files](std::string_view text) { files.writeStdout(text); });
    auto stderr_read = drain(kj::mv(err.reader), tools_.event_port,
                             [&files](std::string_view text) { files.writeStderr(text); });
    output_ = kj::joinPromises(kj::arr(kj::mv(stdout_read), kj::mv(stderr_read)))
                  .eagerlyEvaluate(nullptr);
  }

  kj::Promise<RunResult> judge(int status) {
    shell_.reset();
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGINT) {
      gone_.fulfiller->fulfill("The shell died: " + describeExit(status) + ".");
      return kj::NEVER_DONE;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return RunResult{};
    return RunResult{RunResult::Kind::kRaisedAnError, describeExit(status)};
  }

  const Tools tools_;
  kj::PromiseFulfillerPair<std::string> gone_ = kj::newPromiseAndFulfiller<std::string>();
  std::unique_ptr<ChildProcess> shell_;  // while code runs
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
