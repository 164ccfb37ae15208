#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "plugins/mock/script.h"
#include "plugins/protocol/bootstrap.h"
#include "plugins/sdk/output_files.h"
#include "plugins/sdk/usage_meter.h"
#include "tests/check/report_book.h"

namespace glaux::plugins::check {

// A session whose code are the mock executor's scripts, written against executor.capnp alone.
class ScriptSession final : private kj::TaskSet::ErrorHandler {
 public:
  enum class Phase { kStarting, kReady, kEnding, kEnded };

  // All outlive the session.
  ScriptSession(const Bootstrap& bootstrap, ReportBook& reports, kj::Timer& timer);

  void start();
  void run(const std::string& id, const std::string& code, const OutputFiles::Paths& output);
  void interrupt(const std::string& id);
  void kill(const std::string& id);
  void terminate(kj::Duration grace);

  Phase phase() const { return phase_; }
  std::string calculationId() const { return running_ ? running_->id : ""; }
  kj::Promise<void> whenEnded() { return when_ended_.addBranch(); }

 private:
  struct Running {
    std::string id;
    std::vector<Instruction> script;
    OutputFiles output;
    std::size_t next = 0;
    bool has_begun = false;
    bool ignores_interrupts = false;
    bool is_asked_to_stop = false;
  };

  void launch();
  void becomeReady();
  void begin();
  void step();
  bool perform(const Instruction& instruction);
  void ask();
  void meter();
  void finish(Outcome outcome, const std::string& reason);
  void die(const std::string& reason, Outcome outcome, bool is_counted);
  void end(Ending ending, const std::string& reason);
  void leaveAProcess();
  void report(ExecutorState state);
  std::string setting(const char* name) const;
  std::int64_t nowMs() const;
  void later(kj::Duration delay, std::function<void()> what);
  void whileRunning(kj::Duration delay, std::function<void()> what);
  void taskFailed(kj::Exception&& exception) override;

  const Bootstrap& bootstrap_;
  ReportBook& reports_;
  kj::Timer& timer_;
  Phase phase_ = Phase::kStarting;
  UsageMeter usage_;
  std::unique_ptr<Running> running_;
  std::set<std::string> known_;
  std::uint32_t deaths_ = 0;
  int launches_ = 0;
  int calculations_ = 0;  // begun so far, which tells one from another
  pid_t left_process_ = 0;
  kj::TimePoint deadline_ = kj::maxValue;
  kj::PromiseFulfillerPair<void> ended_ = kj::newPromiseAndFulfiller<void>();
  kj::ForkedPromise<void> when_ended_ = ended_.promise.fork();
  kj::TaskSet tasks_{*this};
};

}  // namespace glaux::plugins::check
