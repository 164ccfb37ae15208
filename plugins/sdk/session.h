#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "plugins/protocol/bootstrap.h"
#include "plugins/sdk/executor.h"
#include "plugins/sdk/report_log.h"
#include "plugins/sdk/restart_budget.h"
#include "plugins/sdk/session_record.h"
#include "plugins/sdk/usage_meter.h"

namespace glaux::plugins {

// One session from its start to `sessionEnded`: turns the verbs of executor.capnp into calls of the
// author's `Executor` and what comes of them into reports. Knows nothing of sockets.
//
//         ┌─── gone, restart ─┐
//         ▼                   │
//     kStarting ──ready──► kReady ──terminate──► kEnding ──gone──► kEnded (clean)
//         │                   │
//         └──── gone, failed ─┴──────────────────────────────────► kEnded (failed)
//
// Every end is observed (`Executor::whenGone`), never assumed.
class Session final : private kj::TaskSet::ErrorHandler {
 public:
  enum class Phase { kStarting, kReady, kEnding, kEnded };

  // All outlive the session. One that may be taken over by another process keeps a `record`.
  Session(const Bootstrap& bootstrap, Executor& executor, ReportLog& reports, kj::Timer& timer,
          std::optional<SessionRecordFile> record = {});

  void start();

  // Instead: goes on where the process stopped whose record this is.
  void resume();

  // See `Reach`.
  void outOfReach(const std::string& reason);
  void inReach();

  void run(const std::string& calculation_id, std::string code, const OutputFiles::Paths& output);
  void interrupt(const std::string& calculation_id);
  void kill(const std::string& calculation_id);

  // `reason` is for the report and the log: who wants the session to end.
  void terminate(kj::Duration grace, const std::string& reason);

  Phase phase() const { return phase_; }

  // The calculation that runs or waits; empty if none.
  std::string calculationId() const;

  // Done when `sessionEnded` is in the log.
  kj::Promise<void> whenEnded();

 private:
  struct Running {
    Calculation calculation;
    OutputFiles::Paths output;
    bool begun = false;
    bool stop_requested = false;
    bool killed = false;
  };

  void launch();
  void takeOver(SessionRecord record);
  void resumed();
  void remember();
  void follow(kj::Promise<RunResult> run);
  void becomeReady(SessionReady ready);
  void begin();
  void codeEnded(const RunResult& result);
  void finish(Outcome outcome, std::string reason);
  void requestStop();
  void requestStopAgain(const std::string& calculation_id);
  void meter(const std::string& calculation_id);
  void gone(const std::string& how);
  void restart(const std::string& reason);
  void stopRunning(const std::string& reason);
  void fail(const std::string& cause);
  void end(Ending ending, const std::string& reason);

  bool isCurrent(const std::string& calculation_id) const;
  void reportCoordinator(ExecutorState state);
  std::int64_t nowMs() const;
  void taskFailed(kj::Exception&& exception) override;

  const Bootstrap& bootstrap_;
  Executor& executor_;
  ReportLog& reports_;
  kj::Timer& timer_;

  Phase phase_ = Phase::kStarting;
  UsageMeter usage_;
  std::unique_ptr<Running> running_;
  std::unique_ptr<Running> finished_;  // its files stay open for what it prints after its end
  std::unordered_set<std::string> known_ids_;  // every id ever given to `run`
  RestartBudget restarts_;
  std::string death_;  // of the last kernel, while a fresh one is being started; else empty
  bool is_resuming_ = false;
  bool is_degraded_ = false;
  std::optional<SessionRecordFile> record_;
  std::string termination_reason_;
  kj::TimePoint termination_deadline_ = kj::maxValue;
  kj::PromiseFulfillerPair<void> ended_ = kj::newPromiseAndFulfiller<void>();
  kj::ForkedPromise<void> whenEnded_ = ended_.promise.fork();
  kj::TaskSet tasks_{*this};
};

}  // namespace glaux::plugins
