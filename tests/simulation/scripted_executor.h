#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/scripted_host.h"

namespace glaux::simulation {

// The executors of one session of the ScriptedHost, one after another: a process at a time with its
// kernel, its reports and its manners. If they can be resumed, the kernel and the code in it live
// in a container of their own, which a dead executor leaves behind and the next one takes over.
class ScriptedHost::Script {
 public:
  Script(ScriptedHost& host, const daemon::ExecutorLaunch& launch, Random random);
  ~Script();

  void start();
  // In place of the one that died.
  void resume(std::uint64_t journaled_through);

  // A new connection replaces an earlier one.
  std::unique_ptr<daemon::RunningExecutor> connect(std::uint64_t next_report,
                                                   daemon::ExecutorCallbacks callbacks);
  void disconnect();
  // Of the connection that is its own.
  void linkDestroyed(const Link* link);
  // It has no daemon for the moment, though one watches its process.
  void connectionLost() { startLease(); }

  // The verbs of the contract, as they arrive.
  void run(const core::CalculationId& calculation, const std::string& code);
  void interrupt(const core::CalculationId& calculation);
  void killCalculation(const core::CalculationId& calculation);
  void terminate(std::uint32_t grace_ms, const std::string& reason);
  void acknowledge(std::uint64_t through);
  // SIGKILL, or whatever ends it as suddenly.
  void killed(const std::string& how);
  // What is left of it ends, by `cleanup` or because the machine is switched off.
  void removeContainer();

  const core::SessionId& session() const { return session_; }
  bool isAlive() const { return is_alive_; }
  bool isAlive(std::uint64_t process) const { return is_alive_ && process == process_; }
  // Which of the executors this is.
  std::uint64_t process() const { return process_; }
  bool hasContainer() const { return has_container_; }
  bool canResume() const { return can_resume_; }
  bool hasIdentity() const { return has_identity_; }
  bool hasEnded() const { return phase_ == Phase::kEnded; }
  std::vector<core::Report> unacknowledged() const;
  std::vector<core::Report> reports(std::uint64_t from, std::size_t most) const;
  std::uint64_t lastReport() const { return reports_.size(); }
  ScriptedHost::Truth truth() const;
  std::optional<core::CalculationId> runningCode() const;

  ScriptedHost& host() { return host_; }
  Random& random() { return random_; }
  // Whether it tells more, or in another order, than it should.
  bool lies() const { return lies_ && !host_.is_calm_; }

 private:
  enum class Phase { kStarting, kReady, kRestarting, kEnding, kEnded };

  struct Running {
    core::CalculationId id;
    std::string code;
    bool has_begun = false;
    bool stop_requested = false;
    bool is_stubborn = false;  // does not heed interrupts
    std::int64_t dpu_millis = 0;
    std::int64_t metered_at_ms = 0;
  };
  struct CodeEnd {
    core::report::Outcome outcome;
    std::string reason;
  };

  bool mishap(unsigned percent) { return !host_.is_calm_ && random_.chance(percent); }
  // Things of this process: they do not happen once it is dead.
  void after(std::uint64_t delay_ms, std::function<void()> what);
  void afterIfRunning(std::uint64_t delay_ms, const core::CalculationId& id,
                      std::function<void()> what);
  // Things of the code: in a container it goes on without an executor.
  void inContainer(std::uint64_t delay_ms, const core::CalculationId& id,
                   std::function<void()> what);
  void becomeReady();
  void loseSightOfKernel();
  void mayDieSoon();
  void findKernelAgain();
  void keepMetering();
  void runOn(std::uint64_t takes_ms);
  void codeEnded(CodeEnd end);
  // The code goes with it; a fresh one comes, as long as the budget lasts.
  void kernelDied(const std::string& how, core::report::Outcome outcome);
  void begin();
  void meter();
  void count();
  core::report::Usage usage() const;
  void finish(core::report::Outcome outcome, std::string reason);
  void stopCode();
  void end(bool orderly, const std::string& reason);
  void report(core::report::Body body);
  void exit(bool is_orderly, const std::string& how);
  void startLease();

  ScriptedHost& host_;
  core::SessionId session_;
  core::ExecutorId coordinator_;
  Random random_;
  bool lies_;
  bool can_resume_;
  bool is_alive_ = true;
  std::uint64_t process_ = 1;
  bool has_container_ = true;
  bool is_out_of_reach_ = false;
  std::optional<CodeEnd> ended_unseen_;
  bool has_identity_ = false;
  Phase phase_ = Phase::kStarting;
  std::string how_it_ended_;
  std::string termination_reason_;
  std::vector<core::Report> reports_;
  std::uint64_t acknowledged_ = 0;
  std::int64_t dpu_millis_ = 0;
  int kernel_deaths_ = 0;
  std::set<core::CalculationId> known_;
  std::optional<Running> running_;
  Link* link_ = nullptr;
  std::uint64_t lease_ = 0;
};

// A connection to it, as the daemon holds it.
class ScriptedHost::Link final : public daemon::RunningExecutor {
 public:
  Link(Script& script, std::uint64_t next_report, daemon::ExecutorCallbacks callbacks);
  ~Link() override;

  void run(const core::CalculationId& calculation, std::string code,
           const daemon::OutputUris& output) override;
  void interrupt(const core::CalculationId& calculation) override;
  void killCalculation(const core::CalculationId& calculation) override;
  void terminate(std::uint32_t grace_ms) override;
  void acknowledge(std::uint64_t through) override;
  void kill() override;

  // ---- from the executor's side
  void reported();
  void exited(const std::string& how, bool is_orderly);
  // The connection breaks; the executor lives on.
  void breakOff(const std::string& reason);
  void cut() { script_ = nullptr; }

 private:
  // Sends what `verb` does to the executor on its way.
  void send(std::function<void(Script&)> verb);
  // Calls back in a turn of its own, unless the daemon has let go by then.
  void callLater(std::uint64_t delay_ms, std::function<void()> call);
  void deliver();

  ScriptedHost& host_;
  Script* script_;   // null when the connection has ended
  Script& process_;  // as long as the daemon holds this, it watches the process
  std::uint64_t next_report_;
  daemon::ExecutorCallbacks callbacks_;
  bool is_connected_ = false;
  bool is_delivering_ = false;
  // One verb does not overtake another, nor one call back.
  std::int64_t busy_until_ms_ = 0;
  std::int64_t told_until_ms_ = 0;
  std::shared_ptr<bool> is_held_ = std::make_shared<bool>(true);
};

}  // namespace glaux::simulation
