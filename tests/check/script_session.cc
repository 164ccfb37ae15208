#include "tests/check/script_session.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "tests/check/fault.h"

namespace glaux::plugins::check {
namespace {

kj::Duration milliseconds(const std::string& text) {
  return std::strtoul(text.c_str(), nullptr, 10) * kj::MILLISECONDS;
}

}  // namespace

ScriptSession::ScriptSession(const Bootstrap& bootstrap, ReportBook& reports, kj::Timer& timer)
    : bootstrap_(bootstrap),
      reports_(reports),
      timer_(timer),
      usage_(bootstrap.coordinator_executor_id, bootstrap.dpus) {}

void ScriptSession::start() {
  if (has("leaves-a-process")) leaveAProcess();
  launch();
}

void ScriptSession::launch() {
  phase_ = Phase::kStarting;
  ++launches_;
  report(ExecutorState::kCreating);
  report(ExecutorState::kCreated);
  const bool is_first = launches_ == 1;
  later(milliseconds(setting(is_first ? "start-delay-ms" : "restart-delay-ms")), [this, is_first] {
    if (phase_ != Phase::kStarting) return;
    const std::string failure = setting(is_first ? "fail-start" : "fail-restart");
    if (failure.empty()) return becomeReady();
    if (running_) finish(Outcome::kFailed, failure);
    end(Ending::kFailed, failure);
  });
}

void ScriptSession::becomeReady() {
  phase_ = Phase::kReady;
  if (!has("registers-too-late")) report(ExecutorState::kRegistered);
  reports_.append(SessionReady{"script", "mock script", "1"});
  if (has("registers-too-late")) report(ExecutorState::kRegistered);
  if (running_) begin();
}

void ScriptSession::run(const std::string& id, const std::string& code,
                        const OutputFiles::Paths& output) {
  if (phase_ == Phase::kEnded && !has("speaks-after-its-end")) return;
  const bool is_new = known_.insert(id).second;
  if (!is_new && (!has("runs-an-id-twice") || running_)) return;
  if (running_ || phase_ >= Phase::kEnding) {
    if (has("swallows-what-it-refuses")) return;
    reports_.append(CalculationFinished{id, Outcome::kFailed, "The session is not free.", {}});
    return;
  }
  const std::uint64_t reserve =
      has("ignores-the-reserve") ? 0 : std::uint64_t{bootstrap_.min_free_mib} << 20;
  running_.reset(new Running{id, parseScript(code), OutputFiles(output, reserve)});
  if (phase_ == Phase::kReady) begin();
}

void ScriptSession::begin() {
  if (!running_->output.error().empty()) return finish(Outcome::kFailed, running_->output.error());
  running_->has_begun = true;
  ++calculations_;
  if (has("leaks-descriptors")) [[maybe_unused]]
    const int leaked = ::open("/dev/null", O_RDONLY);
  usage_.begin(running_->id, nowMs());
  reports_.append(CalculationStarted{running_->id});
  meter();
  whileRunning(0 * kj::SECONDS, [this] { step(); });
}

void ScriptSession::meter() {
  whileRunning(1 * kj::SECONDS, [this] {
    Usage usage = usage_.read(nowMs());
    if (has("usage-falls") && calculations_ > 1) usage.total_dpu_millis = 1;
    if (!has("counts-nothing-in-between")) reports_.append(usage);
    meter();
  });
}

void ScriptSession::step() {
  while (running_->next < running_->script.size()) {
    const int calculation = calculations_;
    const bool goes_on = perform(running_->script[running_->next]);
    if (!goes_on || !running_ || calculation != calculations_) return;
    ++running_->next;
  }
  const std::string error = running_->output.error();
  finish(error.empty() ? Outcome::kCompleted : Outcome::kFailed, error);
}

// Whether the script goes on at once.
bool ScriptSession::perform(const Instruction& instruction) {
  const auto& [verb, argument] = instruction;
  if (verb == "print") {
    const bool is_lost = has("loses-the-last-output") && running_->next > 0 &&
                         running_->next + 1 == running_->script.size();
    if (!is_lost) running_->output.writeStdout(argument + '\n');
  } else if (verb == "flood") {
    const std::string line = std::string((1 << 16) - 1, 'x') + '\n';
    for (auto left = std::strtoll(argument.c_str(), nullptr, 10); left > 0; left -= 1 << 16)
      running_->output.writeStdout(line);
  } else if (verb == "stderr") {
    running_->output.writeStderr(argument + '\n');
  } else if (verb == "result") {
    running_->output.writeResult(argument);
  } else if (verb == "progress") {
    reports_.append(Progress{running_->id, argument});
  } else if (verb == "ignore-interrupt") {
    running_->ignores_interrupts = true;
  } else if (verb == "heed-interrupt") {
    running_->ignores_interrupts = false;
  } else if (verb == "fail") {
    finish(Outcome::kFailed, argument);
    return false;
  } else if (verb == "die") {
    die(argument, Outcome::kFailed, true);
    return false;
  } else if (verb == "sleep") {
    ++running_->next;
    whileRunning(milliseconds(argument), [this] { step(); });
    return false;
  }
  return true;
}

void ScriptSession::interrupt(const std::string& id) {
  if (has("ignores-interrupts") || !running_) return;
  if (running_->id != id && !has("interrupts-anything")) return;
  if (!running_->has_begun) return finish(Outcome::kCanceled, "");
  if (!std::exchange(running_->is_asked_to_stop, true)) ask();
}

void ScriptSession::ask() {
  if (!running_->ignores_interrupts) return finish(Outcome::kCanceled, "");
  if (has("asks-only-once")) return;
  whileRunning(1 * kj::SECONDS, [this] { ask(); });
}

void ScriptSession::kill(const std::string& id) {
  if (!running_ || running_->id != id) return;
  if (!running_->has_begun) return finish(Outcome::kCanceled, "");
  die("killed", Outcome::kCanceled, false);
}

void ScriptSession::die(const std::string& reason, Outcome outcome, bool is_counted) {
  deaths_ += is_counted;
  const bool is_one_too_many = deaths_ > bootstrap_.kernel_restarts && !has("restarts-for-ever");
  if (bootstrap_.kernel_restarts == 0 || is_one_too_many) {
    finish(outcome, reason);
    return end(Ending::kFailed, reason);
  }
  if (has("finishes-before-the-death")) finish(outcome, reason);
  reports_.append(KernelDied{reason});
  if (running_) finish(outcome, reason);
  if (phase_ == Phase::kReady) launch();
}

void ScriptSession::terminate(kj::Duration grace) {
  if (phase_ == Phase::kEnded) return;
  if (phase_ != Phase::kEnding) {
    phase_ = Phase::kEnding;
    report(ExecutorState::kTerminating);
    if (running_) interrupt(running_->id);
    if (!running_) return end(Ending::kClean, "The session was asked to end.");
  }
  const kj::TimePoint deadline = timer_.now() + grace;
  if (deadline >= deadline_) return;
  deadline_ = deadline;
  later(grace, [this] {
    if (running_) finish(Outcome::kCanceled, "");
  });
}

void ScriptSession::finish(Outcome outcome, const std::string& reason) {
  const auto finished = std::move(running_);
  CalculationFinished report{finished->id, outcome, reason, {}};
  if (finished->has_begun) report.usage = usage_.finish(nowMs());
  reports_.append(std::move(report));
  if (phase_ == Phase::kEnding) end(Ending::kClean, "The session was asked to end.");
}

void ScriptSession::end(Ending ending, const std::string& reason) {
  if (phase_ == Phase::kEnded) return;
  if (left_process_ > 0) ::kill(left_process_, SIGKILL);
  if (has("exits-without-a-word")) ::_exit(0);
  report(ending == Ending::kClean ? ExecutorState::kTerminated : ExecutorState::kFailed);
  phase_ = Phase::kEnded;
  reports_.append(SessionEnded{ending, reason});
  ended_.fulfiller->fulfill();
}

// One that carries the label and does not end with the executor.
void ScriptSession::leaveAProcess() {
  left_process_ = ::fork();
  if (left_process_ != 0) return;
  const std::string label = "GLAUX_SESSION_ID=" + bootstrap_.session_id;
  char* environment[] = {const_cast<char*>(label.c_str()), nullptr};
  char* argv[] = {const_cast<char*>("sleep"), const_cast<char*>("60"), nullptr};
  ::close_range(3, ~0U, 0);
  ::execve("/bin/sleep", argv, environment);
  ::_exit(127);
}

void ScriptSession::report(ExecutorState state) {
  reports_.append(ExecutorChanged{bootstrap_.coordinator_executor_id, ExecutorType::kCoordinator,
                                  state, bootstrap_.dpus});
}

std::string ScriptSession::setting(const char* name) const {
  const auto found = bootstrap_.settings.find(name);
  return found == bootstrap_.settings.end() ? "" : found->second;
}

std::int64_t ScriptSession::nowMs() const {
  return (timer_.now() - kj::origin<kj::TimePoint>()) / kj::MILLISECONDS;
}

void ScriptSession::later(kj::Duration delay, std::function<void()> what) {
  tasks_.add(timer_.afterDelay(delay).then([what = std::move(what)] { what(); }));
}

void ScriptSession::whileRunning(kj::Duration delay, std::function<void()> what) {
  later(delay, [this, calculation = calculations_, what = std::move(what)] {
    if (running_ && running_->has_begun && calculation == calculations_) what();
  });
}

void ScriptSession::taskFailed(kj::Exception&& exception) {
  end(Ending::kFailed, exception.getDescription().cStr());
}

}  // namespace glaux::plugins::check
