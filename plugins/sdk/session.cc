#include "plugins/sdk/session.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

namespace glaux::plugins {
namespace {

constexpr kj::Duration kInterruptPeriod = 1 * kj::SECONDS;
constexpr kj::Duration kUsagePeriod = 1 * kj::SECONDS;

constexpr const char* kExecutorDied = "The executor died and was started again.";

}  // namespace

Session::Session(const Bootstrap& bootstrap, Executor& executor, ReportLog& reports,
                 kj::Timer& timer, std::optional<SessionRecordFile> record)
    : bootstrap_(bootstrap),
      executor_(executor),
      reports_(reports),
      timer_(timer),
      usage_(bootstrap.coordinator_executor_id, bootstrap.dpus),
      restarts_(bootstrap.kernel_restarts),
      record_(std::move(record)) {}

void Session::start() {
  remember();
  launch();
}

// ---- in a dead one's place

void Session::resume() {
  auto record = record_->load();
  if (!record) return fail(record.error().message);
  takeOver(std::move(*record));
  if (reports_.hasEnded()) {
    phase_ = Phase::kEnded;
    return ended_.fulfiller->fulfill();
  }
  is_resuming_ = true;
  outOfReach(kExecutorDied);
  tasks_.add(kj::evalNow([&] { return executor_.resume(); })
                 .then([this] { resumed(); },
                       [this](kj::Exception&& exception) {
                         is_resuming_ = false;
                         executor_.kill();
                         gone(exception.getDescription().cStr());
                       }));
}

void Session::takeOver(SessionRecord record) {
  phase_ = record.is_ready ? Phase::kReady : Phase::kStarting;
  known_ids_ = std::move(record.known_ids);
  if (!record.termination_reason.empty()) {
    phase_ = Phase::kEnding;
    termination_reason_ = record.termination_reason;
  }
  const bool is_running = record.running && !reports_.hasFinished(record.running->id);
  usage_.goOn(record.usage, is_running ? record.running->id : "", nowMs());
  if (!is_running) return;
  SessionRecord::Running& running = *record.running;
  running_.reset(new Running{
      Calculation{running.id, std::move(running.code),
                  OutputFiles(running.output, std::uint64_t{bootstrap_.min_free_mib} << 20)},
      running.output, running.begun, running.stop_requested, running.killed});
}

void Session::resumed() {
  is_resuming_ = false;
  tasks_.add(executor_.whenGone().then([this](std::string reason) { gone(reason); }));
  const bool must_go = phase_ != Phase::kReady || (running_ && running_->killed);
  if (must_go) return executor_.kill();
  inReach();
  if (!running_) return;
  if (!running_->begun) return begin();
  meter(running_->calculation.id);
  follow(kj::evalNow([&] { return executor_.resumeRun(running_->calculation); }));
  if (std::exchange(running_->stop_requested, false)) requestStop();
}

void Session::remember() {
  if (!record_) return;
  SessionRecord record;
  record.is_ready = phase_ == Phase::kReady;
  record.termination_reason = termination_reason_;
  record.usage = usage_.standing();
  if (running_) {
    const Calculation& calculation = running_->calculation;
    record.running =
        SessionRecord::Running{calculation.id,  calculation.code,         running_->output,
                               running_->begun, running_->stop_requested, running_->killed};
  }
  record_->save(record);
}

void Session::outOfReach(const std::string& reason) {
  if (phase_ != Phase::kReady || std::exchange(is_degraded_, true)) return;
  reports_.append(Degraded{reason});
}

void Session::inReach() {
  if (phase_ != Phase::kReady || is_resuming_ || !std::exchange(is_degraded_, false)) return;
  reports_.append(Recovered{});
}

// ---- the verbs

void Session::launch() {
  phase_ = Phase::kStarting;
  reportCoordinator(ExecutorState::kCreating);
  auto ready = kj::evalNow([&] { return executor_.start(); });
  reportCoordinator(ExecutorState::kCreated);
  tasks_.add(executor_.whenGone().then([this](std::string reason) { gone(reason); }));
  tasks_.add(
      ready.then([this](SessionReady what) { becomeReady(std::move(what)); },
                 [this](kj::Exception&& exception) { fail(exception.getDescription().cStr()); }));
}

void Session::becomeReady(SessionReady ready) {
  if (phase_ != Phase::kStarting) return;
  phase_ = Phase::kReady;
  death_.clear();
  is_degraded_ = false;
  reportCoordinator(ExecutorState::kRegistered);
  reports_.append(std::move(ready));
  remember();
  if (running_) begin();
}

void Session::run(const std::string& calculation_id, std::string code,
                  const OutputFiles::Paths& output) {
  if (phase_ == Phase::kEnded || !known_ids_.insert(calculation_id).second) return;
  if (running_ || phase_ == Phase::kEnding) {
    reports_.append(CalculationFinished{
        calculation_id,
        Outcome::kFailed,
        running_ ? "Another calculation is running in the session." : "The session is ending.",
        {}});
    if (record_) record_->addId(calculation_id);
    return;
  }
  running_.reset(
      new Running{Calculation{calculation_id, std::move(code),
                              OutputFiles(output, std::uint64_t{bootstrap_.min_free_mib} << 20)},
                  output});
  remember();
  if (record_) record_->addId(calculation_id);
  if (phase_ == Phase::kReady && !is_resuming_) begin();
}

void Session::begin() {
  Calculation& calculation = running_->calculation;
  if (!calculation.output.error().empty()) {
    finish(Outcome::kFailed, calculation.output.error());
    return;
  }
  running_->begun = true;
  usage_.begin(calculation.id, nowMs(), executor_.measure());
  remember();
  reports_.append(CalculationStarted{calculation.id});
  meter(calculation.id);
  follow(kj::evalNow([&] { return executor_.run(calculation); }));
}

void Session::follow(kj::Promise<RunResult> run) {
  tasks_.add(
      run.catch_([](kj::Exception&& exception) {
           return RunResult{RunResult::Kind::kRaisedAnError, exception.getDescription().cStr()};
         })
          .then([this, id = running_->calculation.id](RunResult result) {
            if (isCurrent(id)) codeEnded(result);
          }));
}

void Session::meter(const std::string& calculation_id) {
  tasks_.add(timer_.afterDelay(kUsagePeriod).then([this, calculation_id] {
    if (!isCurrent(calculation_id)) return;
    reports_.append(usage_.read(nowMs(), executor_.measure()));
    meter(calculation_id);
  }));
}

void Session::codeEnded(const RunResult& result) {
  const std::string& output_error = running_->calculation.output.error();
  if (result.kind == RunResult::Kind::kReachedItsEnd && output_error.empty()) {
    finish(Outcome::kCompleted, "");
  } else if (running_->stop_requested) {
    finish(Outcome::kCanceled, "");
  } else {
    finish(Outcome::kFailed, result.reason.empty() ? output_error : result.reason);
  }
  if (phase_ == Phase::kEnding) executor_.stop();
}

void Session::finish(Outcome outcome, std::string reason) {
  finished_ = std::move(running_);
  CalculationFinished report{finished_->calculation.id, outcome, std::move(reason), {}};
  if (finished_->begun) report.usage = usage_.finish(nowMs(), executor_.measure());
  reports_.append(std::move(report));
  remember();
}

void Session::interrupt(const std::string& calculation_id) {
  if (isCurrent(calculation_id)) requestStop();
}

void Session::requestStop() {
  if (!running_->begun) {
    finish(Outcome::kCanceled, "");
    return;
  }
  if (std::exchange(running_->stop_requested, true)) return;
  remember();
  if (is_resuming_) return;
  executor_.interrupt();
  requestStopAgain(running_->calculation.id);
}

void Session::requestStopAgain(const std::string& calculation_id) {
  tasks_.add(timer_.afterDelay(kInterruptPeriod).then([this, calculation_id] {
    if (!isCurrent(calculation_id)) return;
    executor_.interrupt();
    requestStopAgain(calculation_id);
  }));
}

void Session::kill(const std::string& calculation_id) {
  if (!isCurrent(calculation_id)) return;
  if (!running_->begun) {
    finish(Outcome::kCanceled, "");
    return;
  }
  running_->stop_requested = true;
  running_->killed = true;
  remember();
  if (!is_resuming_) executor_.kill();
}

void Session::terminate(kj::Duration grace, const std::string& reason) {
  if (phase_ == Phase::kEnded) return;
  if (phase_ != Phase::kEnding) {
    phase_ = Phase::kEnding;
    termination_reason_ = reason;
    remember();
    reportCoordinator(ExecutorState::kTerminating);
    if (running_) requestStop();
    if (!running_ && !is_resuming_) executor_.stop();
  }
  const kj::TimePoint deadline = timer_.now() + grace;
  if (deadline >= termination_deadline_) return;
  termination_deadline_ = deadline;
  tasks_.add(timer_.atTime(deadline).then([this] {
    if (phase_ != Phase::kEnded) executor_.kill();
  }));
}

void Session::gone(const std::string& how) {
  if (phase_ == Phase::kEnding) {
    if (running_) finish(Outcome::kCanceled, "");
    return end(Ending::kClean, termination_reason_);
  }
  if (phase_ != Phase::kReady) return fail(how);
  const bool was_killed = running_ && running_->killed;
  const std::string reason = was_killed
                                 ? "The kernel was killed to stop calculation " +
                                       running_->calculation.id + ", which ignored interrupts."
                                 : how;
  if (!executor_.canRestart() || bootstrap_.kernel_restarts == 0) return fail(reason);
  if (!was_killed && !restarts_.take(nowMs())) return fail(reason + restarts_.exhausted());
  restart(reason);
}

void Session::restart(const std::string& reason) {
  death_ = reason;
  reports_.append(KernelDied{reason});
  stopRunning(reason);
  phase_ = Phase::kStarting;
  remember();
  launch();
}

void Session::stopRunning(const std::string& reason) {
  if (!running_) return;
  if (running_->stop_requested) return finish(Outcome::kCanceled, "");
  finish(Outcome::kFailed, reason);
}

void Session::fail(const std::string& cause) {
  if (phase_ == Phase::kEnded) return;
  const std::string reason =
      death_.empty() ? cause : death_ + " A fresh one could not be started: " + cause;
  stopRunning(reason);
  executor_.kill();
  end(Ending::kFailed, reason);
}

void Session::end(Ending ending, const std::string& reason) {
  if (phase_ == Phase::kEnded) return;
  reportCoordinator(ending == Ending::kClean ? ExecutorState::kTerminated : ExecutorState::kFailed);
  phase_ = Phase::kEnded;
  reports_.append(SessionEnded{ending, reason});
  ended_.fulfiller->fulfill();
}

kj::Promise<void> Session::whenEnded() { return whenEnded_.addBranch(); }

std::string Session::calculationId() const { return running_ ? running_->calculation.id : ""; }

bool Session::isCurrent(const std::string& calculation_id) const {
  return running_ && running_->calculation.id == calculation_id;
}

void Session::reportCoordinator(ExecutorState state) {
  reports_.append(ExecutorChanged{bootstrap_.coordinator_executor_id, ExecutorType::kCoordinator,
                                  state, bootstrap_.dpus});
}

std::int64_t Session::nowMs() const {
  return (timer_.now() - kj::origin<kj::TimePoint>()) / kj::MILLISECONDS;
}

void Session::taskFailed(kj::Exception&& exception) { fail(exception.getDescription().cStr()); }

}  // namespace glaux::plugins
