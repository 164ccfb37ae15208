#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/alarm.h"
#include "daemon/clock.h"
#include "daemon/core/commands.h"
#include "daemon/core/state.h"
#include "daemon/executors/executor_host.h"

namespace glaux::daemon {

// The supervisor: carries out what the core wants of executors, and turns what becomes of them into
// commands. Every verb is safe to repeat, and does nothing for a session it does not know.
class Executors {
 public:
  struct Settings {
    std::size_t concurrent_launches = 4;
    std::uint32_t terminate_grace_ms = 5000;
  };
  using Submit = std::function<void(core::Command)>;
  // A session as it is now; null if it is not live.
  using FindSession = std::function<const core::Session*(const core::SessionId&)>;

  // `host`, `alarms` and `clock` outlive it.
  Executors(ExecutorHost& host, Alarms& alarms, const Clock& clock, Settings settings,
            Submit submit, FindSession find_session);

  // Executors go on by themselves, for their lease.
  ~Executors();

  // Waits for its turn: at most `concurrent_launches` executors are on their way up at a time.
  void launch(const core::Session& session);
  void run(const core::Session& session, const core::CalculationId& calculation, std::string code);
  void interrupt(const core::SessionId& session, const core::CalculationId& calculation);
  void killCalculation(const core::SessionId& session, const core::CalculationId& calculation);
  void terminate(const core::SessionId& session);
  void kill(const core::SessionId& session);
  void acknowledge(const core::SessionId& session, std::uint64_t through);

  // The session's executor has died, and another one is to take its place.
  void resume(const core::Session& session);

  // The session has ended; its executor has nothing more to say.
  void release(const core::SessionId& session);

  // A session of an earlier run of the daemon. Its executor is adopted if it is alive, started if
  // it never was, and replaced if it is dead and can be; of any other its last reports come, then
  // that it is gone. Answers whether it was adopted.
  bool recover(const core::Session& session);

  // Clears up what an earlier run of the daemon left of sessions that are not live any more.
  void sweep(const core::State& state);

  std::size_t running() const { return executors_.size(); }
  std::size_t launching() const { return launching_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Entry {
    std::unique_ptr<RunningExecutor> executor;
    bool is_launching = true;
    bool is_resumed = false;
    bool is_killed = false;
    std::optional<std::int64_t> released_at_ms;  // Clock::monotonicMs()
    std::uint64_t acknowledge_through = 0;
  };

  struct Unburied {
    bool is_released = false;
    bool is_being_buried = false;
  };

  RunningExecutor* find(const core::SessionId& session);
  void launchWaiting();
  ExecutorCallbacks callbacksFor(const core::SessionId& session);
  void launchEnded(const core::SessionId& session);
  void lost(const core::SessionId& session, std::string reason);
  void gone(const core::SessionId& session, std::string reason, bool is_orderly);
  void died(const core::SessionId& session, std::string reason);
  bool mayResume(const core::SessionId& session) const;
  bool hasResumesLeft(const core::SessionId& session);
  void buryAndTell(const core::SessionId& session, std::string reason);
  void buryAndForget(const core::SessionId& session);
  void buryAgain();
  void leaveUnburied(const core::SessionId& session, bool is_released, const std::string& left);
  void reapReleased();
  void sendAcknowledgements();
  bool cancelWaiting(const core::SessionId& session);

  ExecutorHost& host_;
  const Clock& clock_;
  Settings settings_;
  Submit submit_;
  FindSession find_session_;
  std::deque<ExecutorLaunch> waiting_;
  std::size_t launching_ = 0;
  std::unordered_map<core::SessionId, Entry, core::IdHash> executors_;
  // When each session's executors were replaced lately, by Clock::monotonicMs().
  std::unordered_map<core::SessionId, std::deque<std::int64_t>, core::IdHash> resumes_;
  // Executors that are gone and may have left something.
  std::unordered_map<core::SessionId, Unburied, core::IdHash> unburied_;
  std::unique_ptr<Alarm> reaper_;
  std::unique_ptr<Alarm> undertaker_;
  // Acknowledging only lets executors trim their spools, so it may wait and go out in bundles.
  std::unique_ptr<Alarm> acknowledger_;
  std::vector<core::SessionId> unacknowledged_;
};

}  // namespace glaux::daemon
