#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/executors/executor_host.h"
#include "tests/simulation/crash.h"
#include "tests/simulation/random.h"
#include "tests/simulation/timeline.h"

namespace glaux::simulation {

// A machine whose executors are scripts: each is honest or not, quick or slow, obedient or
// stubborn, and dies when the seed says so. It outlives the daemons, as the executors do, and knows
// the truth about what ran.
//
// They keep to executor.capnp otherwise: reports are numbered and kept until they are acknowledged,
// a calculation runs once however often it is asked for, without a daemon the lease ends a session.
// Those of the plugin kResumable can take a dead one's place.
class ScriptedHost final : public daemon::ExecutorHost {
 public:
  // What may be true of the daemon's knowledge when it acts; asked at that moment.
  struct Rules {
    std::function<void(const core::SessionId&)> may_launch;
    std::function<void(const core::SessionId&, const core::CalculationId&)> may_run;
    std::function<void(const core::SessionId&, std::uint64_t through)> may_acknowledge;
    std::function<void(const core::SessionId&, std::uint64_t journaled_through)> may_resume;
  };

  static constexpr std::uint64_t kLeaseMs = 60'000;
  static constexpr const char* kResumable = "resumable";

  ScriptedHost(Timeline& timeline, Random random, CrashPlan& crash);
  ~ScriptedHost() override;

  void useRules(Rules rules) { rules_ = std::move(rules); }
  // From now on nobody misbehaves: so that everything comes to its end.
  void calmDown() { is_calm_ = true; }

  // The daemon's process is gone: connections break, and what it had under way here ends.
  void daemonDied();
  // The machine was switched off and on: no executor is left, only what is on disk.
  void reboot();
  // All executors that can be resumed are killed, and none of their code.
  void killResumable();

  tl::expected<std::unique_ptr<daemon::RunningExecutor>, daemon::Error> launch(
      const daemon::ExecutorLaunch& launch, daemon::ExecutorCallbacks callbacks) override;
  bool canResume(const std::string& executor) const override { return executor == kResumable; }
  tl::expected<std::unique_ptr<daemon::RunningExecutor>, daemon::Error> resume(
      const daemon::ExecutorLaunch& launch, std::uint64_t next_report,
      daemon::ExecutorCallbacks callbacks) override;
  std::unique_ptr<daemon::RunningExecutor> adopt(const core::SessionId& session,
                                                 std::uint64_t next_report,
                                                 daemon::ExecutorCallbacks callbacks) override;
  bool hasTrace(const core::SessionId& session) const override;
  std::vector<core::SessionId> traces() const override;
  void bury(const core::SessionId& session, std::function<void(daemon::Burial)> done) override;
  void forget(const core::SessionId& session) override;

  // ---- the truth

  struct Truth {
    std::int64_t dpu_millis = 0;  // of all that it reported
    bool is_alive = false;        // its executor, or what that has left
    bool was_launched = false;
    std::string end;
  };
  // What became of the code of a calculation.
  struct CodeTruth {
    int runs = 0;
    bool is_running = false;
    std::optional<core::report::Outcome> outcome;  // as it was reported
    std::string code;
  };

  const std::map<core::CalculationId, CodeTruth>& code() const { return code_; }
  std::map<core::SessionId, Truth> sessions() const;
  std::size_t alive() const;
  // Calculations whose code runs at this moment, but for code that could not be ended when it had
  // to.
  std::vector<core::CalculationId> runningCode() const;

 private:
  class Script;
  class Link;
  friend class Script;
  friend class Link;

  Script* find(const core::SessionId& session) const;
  void buryStep(const core::SessionId& session, std::int64_t give_up_ms,
                std::function<void(daemon::Burial)> done);
  std::string cleanUp(Script& script);
  // For what ends with the daemon's process.
  void afterForDaemon(std::uint64_t delay_ms, std::function<void()> what);

  Timeline& timeline_;
  Random random_;
  CrashPlan& crash_;
  Rules rules_;
  bool is_calm_ = false;
  std::uint64_t daemon_life_ = 0;
  std::set<core::SessionId> traces_;
  std::set<core::SessionId> left_;  // sessions whose burial has not succeeded yet
  std::map<core::SessionId, std::unique_ptr<Script>> scripts_;
  std::map<core::CalculationId, CodeTruth> code_;
};

}  // namespace glaux::simulation
