#pragma once

#include <kj/async-unix.h>
#include <kj/async.h>
#include <kj/timer.h>

#include <functional>
#include <memory>
#include <string>

#include "plugins/kernel/kernel_client.h"
#include "plugins/sdk/executor.h"

namespace glaux::plugins {

// Calculations on one kernel, however it was launched: what an executor that runs kernels needs
// beside launching them and seeing them end.
class KernelSession {
 public:
  KernelSession(const KernelConnection& connection, kj::UnixEventPort& event_port,
                kj::Timer& timer);

  KernelSession(const KernelSession&) = delete;
  KernelSession& operator=(const KernelSession&) = delete;

  // Done when the kernel answers and has run this code, if any, silently.
  kj::Promise<SessionReady> prepare(std::string bootstrap_code);

  // Instead, for a kernel that an earlier process has prepared.
  void takeOver() { is_ready_ = true; }

  // As `Executor::run`.
  kj::Promise<RunResult> run(Calculation& calculation);

  // As `Executor::resumeRun`, see KernelClient::continueExecution. Of its output, what was written
  // before is left out: `written` is how much of each file that is, counted from where `receive`
  // begins.
  kj::Promise<RunResult> resumeRun(Calculation& calculation, bool has_begun,
                                   const OutputFiles::Sizes& written);

  // Calls `deliver` as soon as the running code can be interrupted: an interrupt that comes before
  // is lost on most kernels.
  void interrupt(std::function<void()> deliver);

  bool isReady() const { return is_ready_; }
  bool isRunningCode() const { return is_running_code_; }

  KernelClient& client() { return client_; }

 private:
  class OutputToFiles;

  kj::Promise<RunResult> follow(kj::Promise<ExecutionReply> reply);

  KernelClient client_;
  bool is_ready_ = false;
  bool is_running_code_ = false;
  std::unique_ptr<OutputListener> output_;  // of the last calculation
  kj::Promise<void> pending_interrupt_ = nullptr;
};

}  // namespace glaux::plugins
