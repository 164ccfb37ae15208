#pragma once

#include <kj/async.h>

#include <filesystem>
#include <memory>
#include <string>

#include "plugins/kernel/adaptation.h"
#include "plugins/kernel/kernel_session.h"
#include "plugins/kernel/kernel_spec.h"
#include "plugins/sdk/child_process.h"
#include "plugins/sdk/executor.h"

namespace glaux::plugins {

// Runs a Jupyter kernel as a child process. In the session directory:
//
//     kernel.json       connection file
//     kernel-1 … -5     the kernel's sockets
//     kernel-identity.json  which process it is
//     kernel.log        what the kernel itself has to say
//     work/             its working directory
class ProcessExecutor final : public Executor {
 public:
  // Takes the setting `kernel`, the name of a kernel spec, and `environment`, the variables the
  // kernel inherits (see `selectEnvironment`).
  explicit ProcessExecutor(const Tools& tools);

  kj::Promise<SessionReady> start() override;
  kj::Promise<RunResult> run(Calculation& calculation) override;
  void interrupt() override;
  void stop() override;
  void kill() override;
  kj::Promise<std::string> whenGone() override;
  bool canRestart() const override { return true; }

 private:
  void forgetLastKernel();
  ChildProcess::Command command(const KernelSpec& spec, const Adaptation& adaptation,
                                int log_fd) const;
  void deliverInterrupt();
  std::string setting(const char* name) const;

  const Tools tools_;
  KernelSpec::InterruptMode interrupt_mode_ = KernelSpec::InterruptMode::kSignal;
  std::unique_ptr<ChildProcess> process_;
  std::unique_ptr<KernelSession> kernel_;
};

// `Plugin::clean_up`: a kernel may outlive its executor for a moment, and with a label it has
// painted over.
tl::expected<std::vector<std::string>, Error> endRecordedKernel();

}  // namespace glaux::plugins
