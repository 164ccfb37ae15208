#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "daemon/core/commands.h"
#include "daemon/core/state.h"
#include "daemon/executors/catalog.h"
#include "daemon/executors/executor_keys.h"
#include "daemon/executors/executor_process.h"
#include "daemon/loop/timer.h"
#include "daemon/loop/work_queue.h"

namespace glaux::daemon {

class KjEventPort;
class Loop;

// The supervisor: carries out what the core wants of executors, and turns what becomes of them into
// commands. Every verb is safe to repeat, and does nothing for a session it does not know.
class Executors {
 public:
  struct Settings {
    std::filesystem::path sessions_directory;  // one private directory a session below it
    std::filesystem::path objects_directory;   // <objects>/<bucket>/<key> for s3://bucket/key
    std::size_t concurrent_launches = 4;
    std::uint32_t terminate_grace_ms = 5000;
    std::uint32_t min_free_mib = 0;  // of the objects' disk, not for output
    std::uint32_t lease_s = 0;       // how long executors go on without a daemon
    std::uint32_t kernel_restarts = 0;
  };
  using Submit = std::function<void(core::Command)>;

  Executors(Loop& loop, KjEventPort& kj, ExecutorKeys keys, Settings settings, Submit submit);

  // Executors go on by themselves, for their lease.
  ~Executors();

  // For launches from now on.
  void useCatalog(ExecutorCatalog catalog) { catalog_ = std::move(catalog); }
  const ExecutorCatalog& catalog() const { return catalog_; }

  // Waits for its turn: at most `concurrent_launches` executors are on their way up at a time.
  void launch(const core::Session& session);
  void run(const core::Session& session, const core::CalculationId& calculation, std::string code);
  void interrupt(const core::SessionId& session, const core::CalculationId& calculation);
  void killCalculation(const core::SessionId& session, const core::CalculationId& calculation);
  void terminate(const core::SessionId& session);
  void kill(const core::SessionId& session);
  void acknowledge(const core::SessionId& session, std::uint64_t through);

  // The session has ended; its executor has nothing more to say.
  void release(const core::SessionId& session);

  // A session of an earlier run of the daemon. Its executor is adopted if it is alive, and started
  // if it never was; of one that is dead its last reports come, then that it is gone. Answers
  // whether it was adopted.
  bool recover(const core::Session& session);

  // Clears up what an earlier run of the daemon left of sessions that are not live any more.
  void sweep(const core::State& state);

  std::size_t running() const { return executors_.size(); }
  std::size_t launching() const { return launching_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Launch {
    core::SessionId session;
    std::string plugin;
    plugins::Bootstrap bootstrap;
  };
  struct Entry {
    std::unique_ptr<ExecutorProcess> process;
    bool is_launching = true;
    std::optional<std::uint64_t> released_at_ms;  // Loop::nowMs()
    std::uint64_t acknowledge_through = 0;
  };

  std::filesystem::path directoryOf(const core::SessionId& session) const;
  ExecutorProcess* find(const core::SessionId& session);
  void launchWaiting();
  tl::expected<std::unique_ptr<ExecutorProcess>, Error> start(const Launch& launch);
  ExecutorProcess::Callbacks callbacksFor(const core::SessionId& session);
  bool adopt(const core::Session& session, const plugins::ProcessIdentity& identity);
  void recoverDead(const core::SessionId& session);
  void launchEnded(const core::SessionId& session);
  void gone(const core::SessionId& session, std::string reason, bool is_orderly);
  void forget(const core::SessionId& session);
  void reapReleased();
  void sendAcknowledgements();
  bool cancelWaiting(const core::SessionId& session);

  Loop& loop_;
  KjEventPort& kj_;
  ExecutorKeys keys_;
  Settings settings_;
  Submit submit_;
  ExecutorCatalog catalog_;
  std::deque<Launch> waiting_;
  std::size_t launching_ = 0;
  std::unordered_map<core::SessionId, Entry, core::IdHash> executors_;
  WorkQueue work_;
  Timer reaper_;
  // Acknowledging only lets executors trim their spools, so it may wait and go out in bundles.
  Timer acknowledger_;
  std::vector<core::SessionId> unacknowledged_;
};

}  // namespace glaux::daemon
