#include "plugins/process/process_executor.h"

#include <fcntl.h>
#include <signal.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "plugins/kernel/connection_file.h"
#include "plugins/process/environment.h"
#include "plugins/protocol/failure.h"
#include "plugins/protocol/process_identity.h"
#include "plugins/sdk/executor_main.h"
#include "plugins/sdk/leftovers.h"
#include "plugins/sdk/process_label.h"

namespace glaux::plugins {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConnectionFile = "kernel.json";
constexpr const char* kIdentityFile = "kernel-identity.json";
constexpr const char* kLogFile = "kernel.log";
constexpr const char* kWorkingDirectory = "work";
constexpr std::size_t kLogTailSize = 900;

// What a kernel had sent before it died is in its sockets and arrives within this time.
constexpr kj::Duration kLastOutputDelay = 50 * kj::MILLISECONDS;

void replaceAll(std::string& text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

// The last lines of the kernel's own log: why it would not start.
std::string logTail() {
  std::ifstream in(kLogFile, std::ios::binary);
  std::string log{std::istreambuf_iterator<char>(in), {}};
  while (!log.empty() && log.back() == '\n') log.pop_back();
  if (log.size() <= kLogTailSize) return log;
  log.erase(0, log.size() - kLogTailSize);
  return log.substr(log.find('\n') + 1);
}

}  // namespace

ProcessExecutor::ProcessExecutor(const Tools& tools) : tools_(tools) {}

kj::Promise<SessionReady> ProcessExecutor::start() {
  forgetLastKernel();
  const auto spec = findKernel(setting("kernel"), kernelSearchPath());
  if (!spec) return failure(spec.error().message);
  const auto adaptation = adaptationFor(spec->argv, pluginDirectory());
  if (!adaptation) return failure(adaptation.error().message);
  const KernelConnection connection{"kernel", "../kernel", newKernelKey()};
  removeSockets(connection);
  const auto written = writeConnectionFile(kConnectionFile, connection);
  if (!written) return failure(written.error().message);

  interrupt_mode_ = spec->interrupt_mode;
  fs::create_directory(kWorkingDirectory);
  kj::AutoCloseFd log(::open(kLogFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (log < 0) return failure(std::string(kLogFile) + ": " + std::strerror(errno));
  process_ = std::make_unique<ChildProcess>(command(*spec, *adaptation, log), tools_.event_port);
  // Without it, the kernel's label is what finds it.
  [[maybe_unused]] const auto recorded =
      writeIdentity(kIdentityFile, process_->pid(), tools_.bootstrap.session_id);
  kernel_ = std::make_unique<KernelSession>(connection, tools_.event_port, tools_.timer);
  return kernel_->prepare(adaptation->bootstrap_code);
}

void ProcessExecutor::forgetLastKernel() {
  kernel_.reset();
  process_.reset();
}

ChildProcess::Command ProcessExecutor::command(const KernelSpec& spec, const Adaptation& adaptation,
                                               int log_fd) const {
  const fs::path session_directory = tools_.bootstrap.session_directory;
  ChildProcess::Command command;
  command.argv = spec.argv;
  command.argv.insert(command.argv.end(), adaptation.append.begin(), adaptation.append.end());
  for (std::string& argument : command.argv) {
    replaceAll(argument, "{connection_file}", (session_directory / kConnectionFile).string());
    replaceAll(argument, "{resource_dir}", spec.directory.string());
  }
  command.environment = adaptation.environment;
  for (auto& [name, value] : command.environment) {
    replaceAll(value, "{session_directory}", session_directory.string());
  }
  command.environment.insert(spec.env.begin(), spec.env.end());
  command.environment.merge(selectEnvironment(setting("environment")));
  command.environment[kLabelVariable] = tools_.bootstrap.session_id;
  command.working_directory = kWorkingDirectory;
  command.stdout_fd = command.stderr_fd = log_fd;
  return command;
}

kj::Promise<RunResult> ProcessExecutor::run(Calculation& calculation) {
  return kernel_->run(calculation);
}

void ProcessExecutor::interrupt() {
  kernel_->interrupt([this] { deliverInterrupt(); });
}

void ProcessExecutor::deliverInterrupt() {
  if (interrupt_mode_ == KernelSpec::InterruptMode::kMessage) {
    kernel_->client().interrupt();
  } else {
    process_->signalGroup(SIGINT);
  }
}

void ProcessExecutor::stop() {
  // A kernel that is still starting reads no requests.
  if (kernel_ && kernel_->isReady()) {
    kernel_->client().shutdown();
  } else {
    kill();
  }
}

void ProcessExecutor::kill() {
  if (process_) process_->signalGroup(SIGKILL);
}

kj::Promise<std::string> ProcessExecutor::whenGone() {
  if (!process_) return kj::NEVER_DONE;
  return process_->whenExited().then([this](int status) {
    std::string reason = "The kernel died: " + describeExit(status) + ".";
    const std::string log = kernel_->isReady() ? "" : logTail();
    if (!log.empty()) reason += "\n" + log;
    auto last_output = kernel_->isRunningCode() ? tools_.timer.afterDelay(kLastOutputDelay)
                                                : kj::Promise<void>(kj::READY_NOW);
    // Also what code detached from its kernel's process group stops with the kernel.
    return last_output
        .then([this] { return endLeftovers(tools_.bootstrap.session_id, tools_.timer); })
        .then([reason = std::move(reason)] { return reason; });
  });
}

tl::expected<std::vector<std::string>, Error> endRecordedKernel() {
  const auto identity = readIdentityFile(kIdentityFile);
  if (!identity || !isAlive(*identity)) return {};
  signalIf(static_cast<pid_t>(identity->pid), SIGKILL, [&] { return isAlive(*identity); });
  return std::vector<std::string>{"killed kernel " + std::to_string(identity->pid)};
}

std::string ProcessExecutor::setting(const char* name) const {
  const auto found = tools_.bootstrap.settings.find(name);
  return found == tools_.bootstrap.settings.end() ? "" : found->second;
}

}  // namespace glaux::plugins
