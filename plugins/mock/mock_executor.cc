#include "plugins/mock/mock_executor.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "plugins/protocol/failure.h"

namespace glaux::plugins {
namespace {

using Kind = RunResult::Kind;

void appendLine(const std::string& file, const std::string& text) {
  const std::string line = text + '\n';
  int fd = 0;
  KJ_SYSCALL(fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640), file);
  kj::AutoCloseFd owned(fd);
  KJ_SYSCALL(::write(fd, line.data(), line.size()), file);
}

// Lines of 64 KiB, as many as make up the bytes.
void flood(OutputFiles& output, std::uint64_t bytes) {
  const std::string line = std::string((1 << 16) - 1, 'x') + '\n';
  for (std::uint64_t written = 0; written < bytes; written += line.size()) output.writeStdout(line);
}

kj::Duration milliseconds(const std::string& text) {
  return std::strtoul(text.c_str(), nullptr, 10) * kj::MILLISECONDS;
}

}  // namespace

MockExecutor::MockExecutor(const Tools& tools) : tools_(tools) {}

kj::Promise<SessionReady> MockExecutor::start() {
  auto gone = kj::newPromiseAndFulfiller<std::string>();
  gone_ = kj::mv(gone.fulfiller);
  when_gone_ = kj::mv(gone.promise);
  const bool is_first = ++starts_ == 1;
  const std::string delay = setting(is_first ? "start-delay-ms" : "restart-delay-ms");
  return tools_.timer.afterDelay(milliseconds(delay)).then([this, is_first] {
    const std::string reason = setting(is_first ? "fail-start" : "fail-restart");
    if (!reason.empty()) kj::throwFatalException(failure(reason));
    return SessionReady{"mock", "mock script", "1"};
  });
}

kj::Promise<RunResult> MockExecutor::run(Calculation& calculation) {
  script_ = parseScript(calculation.code);
  ignores_interrupts_ = false;
  return runFrom(calculation, 0);
}

kj::Promise<RunResult> MockExecutor::runFrom(Calculation& calculation, std::size_t next) {
  for (; next < script_.size(); ++next) {
    const auto& [verb, argument] = script_[next];
    if (verb == "print") {
      calculation.output.writeStdout(argument + '\n');
    } else if (verb == "stderr") {
      calculation.output.writeStderr(argument + '\n');
    } else if (verb == "result") {
      calculation.output.writeResult(argument);
    } else if (verb == "progress") {
      tools_.reports.append(Progress{calculation.id, argument});
    } else if (verb == "ignore-interrupt") {
      ignores_interrupts_ = true;
    } else if (verb == "heed-interrupt") {
      ignores_interrupts_ = false;
    } else if (verb == "flood") {
      flood(calculation.output, std::strtoull(argument.c_str(), nullptr, 10));
    } else if (verb == "ran") {
      appendLine(argument, calculation.id);
    } else if (verb == "fail") {
      return RunResult{Kind::kRaisedAnError, argument};
    } else if (verb == "crash") {
      ::raise(SIGKILL);
    } else if (verb == "die") {
      gone_->fulfill(std::string(argument));
      return kj::NEVER_DONE;
    } else if (verb == "sleep") {
      return sleep(milliseconds(argument))
          .then([this, &calculation, next] { return runFrom(calculation, next + 1); },
                [](kj::Exception&&) -> kj::Promise<RunResult> {
                  return RunResult{Kind::kRaisedAnError, "interrupted"};
                });
    } else {
      return RunResult{Kind::kRaisedAnError, "unknown instruction: " + verb};
    }
  }
  return RunResult{};
}

// Fails when interrupted.
kj::Promise<void> MockExecutor::sleep(kj::Duration duration) {
  auto interruption = kj::newPromiseAndFulfiller<void>();
  interrupted_ = kj::mv(interruption.fulfiller);
  return tools_.timer.afterDelay(duration).exclusiveJoin(kj::mv(interruption.promise));
}

void MockExecutor::interrupt() {
  if (ignores_interrupts_ || interrupted_.get() == nullptr) return;
  interrupted_->reject(failure("interrupted"));
}

void MockExecutor::stop() { gone_->fulfill("stopped"); }

void MockExecutor::kill() { gone_->fulfill("killed"); }

kj::Promise<std::string> MockExecutor::whenGone() { return kj::mv(when_gone_); }

std::string MockExecutor::setting(const char* name) const {
  const auto found = tools_.bootstrap.settings.find(name);
  return found == tools_.bootstrap.settings.end() ? "" : found->second;
}

}  // namespace glaux::plugins
