#include "daemon/executors/executor_process.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

#include "daemon/executors/report_translation.h"
#include "daemon/loop/kj_event_port.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {
namespace {

Error systemError(const std::string& what) { return Error{what + ": " + std::strerror(errno)}; }

struct Lifeline {
  OwnedFd ours, theirs;
};

tl::expected<Lifeline, Error> makeLifeline() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    return tl::unexpected(systemError("socketpair"));
  return Lifeline{OwnedFd(fds[0]), OwnedFd(fds[1])};
}

std::string describe(const ChildExit& exit) {
  if (exit.signal != 0)
    return "The executor was killed by signal " + std::to_string(exit.signal) + " (" +
           ::strsignal(exit.signal) + ").";
  return "The executor ended with exit status " + std::to_string(exit.code) + ".";
}

}  // namespace

tl::expected<std::unique_ptr<ExecutorProcess>, Error> ExecutorProcess::start(
    Loop& loop, KjEventPort& kj, const std::filesystem::path& executable,
    const plugins::Bootstrap& bootstrap, std::filesystem::path objects_directory,
    ExecutorCallbacks callbacks) {
  auto lifeline = makeLifeline();
  if (!lifeline) return tl::unexpected(std::move(lifeline.error()));

  std::unique_ptr<ExecutorProcess> executor(
      new ExecutorProcess(std::move(objects_directory), std::move(callbacks)));
  ChildOptions options;
  options.executable = executable.string();
  options.working_directory = bootstrap.session_directory.string();
  options.inherited = {{plugins::kLifelineFd, lifeline->theirs.get()}};
  options.own_session = true;
  auto process = ChildProcess::spawn(loop, options, [self = executor.get()](ChildExit exit) {
    self->onExit(describe(exit), exit.signal == 0 && exit.code == 0);
  });
  if (!process) return tl::unexpected(std::move(process.error()));
  executor->child_ = std::move(*process);
  auto identified = plugins::writeIdentity(bootstrap.session_directory / "identity.json",
                                           static_cast<std::uint32_t>(executor->child_->pid()),
                                           bootstrap.session_id);
  if (!identified) return tl::unexpected(Error{identified.error().message});

  // Fits a fresh socket's buffer (bootstrap.h), so this neither blocks nor falls short.
  std::string message = plugins::encodeBootstrap(bootstrap);
  if (::send(lifeline->ours.get(), message.data(), message.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(message.size()))
    return tl::unexpected(systemError("cannot send the executor its bootstrap message"));

  plugins::ExecutorClient::Target target;
  target.session_directory = bootstrap.session_directory;
  target.session_id = bootstrap.session_id;
  target.key = bootstrap.key;
  target.next_report = bootstrap.journaled_through + 1;
  target.lifeline_fd = lifeline->ours.release();
  executor->connect(kj, std::move(target));
  return executor;
}

tl::expected<std::unique_ptr<ExecutorProcess>, Error> ExecutorProcess::adopt(
    Loop& loop, KjEventPort& kj, const plugins::ProcessIdentity& identity,
    plugins::ExecutorClient::Target target, std::filesystem::path objects_directory,
    ExecutorCallbacks callbacks) {
  std::unique_ptr<ExecutorProcess> executor(
      new ExecutorProcess(std::move(objects_directory), std::move(callbacks)));
  auto process =
      ForeignProcess::hold(loop, static_cast<int>(identity.pid), [self = executor.get()] {
        // What it had to say about its end is in its last report.
        self->onExit("The executor has ended.", false);
      });
  if (!process) return tl::unexpected(std::move(process.error()));
  // Asked while the process is held: it cannot be another one by now.
  if (!plugins::isAlive(identity)) return tl::unexpected(Error{"the executor has ended"});
  executor->adopted_ = std::move(*process);
  executor->connect(kj, std::move(target));
  return executor;
}

void ExecutorProcess::connect(KjEventPort& kj, plugins::ExecutorClient::Target target) {
  plugins::ExecutorClient::Listener& listener = *this;
  client_ = std::make_unique<plugins::ExecutorClient>(kj.lowLevelProvider(), kj.timer(),
                                                      std::move(target), listener);
}

ExecutorProcess::~ExecutorProcess() = default;

std::filesystem::path ExecutorProcess::pathOf(const std::string& uri) const {
  constexpr std::string_view kScheme = "s3://";
  return objects_directory_ / uri.substr(kScheme.size());
}

void ExecutorProcess::run(const core::CalculationId& calculation, std::string code,
                          const OutputUris& output) {
  plugins::ExecutorClient::RunRequest request;
  request.calculation_id = toText(calculation);
  request.code = std::move(code);
  request.stdout_path = pathOf(output.std_out);
  request.stderr_path = pathOf(output.std_error);
  request.result_path = pathOf(output.result);
  client_->run(request);
}

void ExecutorProcess::interrupt(const core::CalculationId& calculation) {
  client_->interrupt(toText(calculation));
}

void ExecutorProcess::killCalculation(const core::CalculationId& calculation) {
  client_->kill(toText(calculation));
}

void ExecutorProcess::terminate(std::uint32_t grace_ms) { client_->terminate(grace_ms); }

void ExecutorProcess::acknowledge(std::uint64_t through) { client_->acknowledge(through); }

// The process leads its group, so the signal reaches helpers that it started, too.
void ExecutorProcess::kill() {
  if (!end_) ::kill(-pid(), SIGKILL);
}

void ExecutorProcess::onConnected(const plugins::ExecutorClient::Connected&) {
  callbacks_.on_connected();
}

void ExecutorProcess::onReports(std::vector<plugins::Report> reports) {
  callbacks_.on_reports(translateReports(reports));
}

void ExecutorProcess::onDisconnected(const std::string& reason) {
  is_disconnected_ = true;
  if (end_) return finishIfGone();
  callbacks_.on_lost("The connection to the executor was lost: " + reason);
}

void ExecutorProcess::onExit(std::string how, bool is_orderly) {
  end_ = End{std::move(how), is_orderly};
  finishIfGone();
}

// The connection ends only after what was sent over it has been read, so waiting for both loses no
// report.
void ExecutorProcess::finishIfGone() {
  if (!end_ || !is_disconnected_) return;
  // From copies: the callback destroys this object.
  auto on_gone = callbacks_.on_gone;
  End end = *end_;
  on_gone(std::move(end.how), end.is_orderly);
}

}  // namespace glaux::daemon
