#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/core/commands.h"
#include "daemon/core/ids.h"
#include "daemon/error.h"
#include "daemon/projections/calculations_view.h"

// Where executors enter the daemon: the machine they run on, as the supervisor (executors.h) sees
// it. The simulation puts one in its place whose executors are scripted.
namespace glaux::daemon {

// One executor that is there, with the connection to it. What is asked of it before it is connected
// is asked as soon as it is.
class RunningExecutor {
 public:
  // Lets go of it; the executor goes on.
  virtual ~RunningExecutor() = default;

  // Ignored by an executor that knows the calculation already.
  virtual void run(const core::CalculationId& calculation, std::string code,
                   const OutputUris& output) = 0;
  virtual void interrupt(const core::CalculationId& calculation) = 0;
  // Ends what runs the code, by force.
  virtual void killCalculation(const core::CalculationId& calculation) = 0;
  virtual void terminate(std::uint32_t grace_ms) = 0;
  // Every report up to this one is on disk; the executor may forget them.
  virtual void acknowledge(std::uint64_t through) = 0;

  // Ends executor and code by force. Its end is told as any other.
  virtual void kill() = 0;
};

// What becomes of a running executor. Called from a turn of their own, never from within a method
// of the executor or its host. A callback may destroy the executor.
struct ExecutorCallbacks {
  std::function<void()> on_connected;
  // In order, from the number that was asked for; again from there after each adoption.
  std::function<void(std::vector<core::Report>)> on_reports;
  // The connection has ended while the executor still runs.
  std::function<void(std::string reason)> on_lost;
  // It has ended, and its connection, too. The last call. One that ended in order leaves nothing
  // behind; of any other there may be processes, and reports that did not come through.
  std::function<void(std::string reason, bool is_orderly)> on_gone;
};

struct ExecutorLaunch {
  core::SessionId session;
  core::ExecutorId coordinator;
  std::string executor;  // the plugin's name
  std::string kernel;
  std::string engine_version;          // whose settings it gets
  std::optional<std::string> network;  // over those settings
  std::uint32_t session_dpus = 1;
};

struct Burial {
  // What the executor had reported and nobody acknowledged.
  std::vector<core::Report> reports;
  // Why something of it may be left, such as a container whose engine does not answer; empty if
  // nothing is.
  std::string left;
};

class ExecutorHost {
 public:
  virtual ~ExecutorHost() = default;

  // Leaves a trace of the session before anything else, so that an executor that was started is
  // found whatever happens to the daemon.
  [[nodiscard]] virtual tl::expected<std::unique_ptr<RunningExecutor>, Error> launch(
      const ExecutorLaunch& launch, ExecutorCallbacks callbacks) = 0;

  // Whether its executors can take the place of one that died.
  virtual bool canResume(const std::string& executor) const = 0;

  // Starts another executor for a session whose executor is dead, and whose reports before
  // `next_report` are on disk. It sends the reports that the dead one could not.
  [[nodiscard]] virtual tl::expected<std::unique_ptr<RunningExecutor>, Error> resume(
      const ExecutorLaunch& launch, std::uint64_t next_report, ExecutorCallbacks callbacks) = 0;

  // Takes over the session's executor if one is alive; null if not.
  virtual std::unique_ptr<RunningExecutor> adopt(const core::SessionId& session,
                                                 std::uint64_t next_report,
                                                 ExecutorCallbacks callbacks) = 0;

  virtual bool hasTrace(const core::SessionId& session) const = 0;
  virtual std::vector<core::SessionId> traces() const = 0;

  // For an executor that is dead or not adopted: sees to it that nothing of it is left, and then
  // tells, in a later turn, how that went. May be repeated.
  virtual void bury(const core::SessionId& session, std::function<void(Burial)> done) = 0;

  // Removes the trace of a session nothing is left of, in its own time.
  virtual void forget(const core::SessionId& session) = 0;
};

}  // namespace glaux::daemon
