#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "daemon/core/events.h"
#include "daemon/core/state.h"

// What the world should do because of what happened. Effects are data: the core wants, the edges
// perform, and what comes of it returns as a new command. An effect leaves only after the record
// it rests on is durable; each is safe to repeat, and replay performs none.
namespace glaux::core {

struct LaunchExecutor {
  SessionId session;
  bool operator==(const LaunchExecutor&) const = default;
};

// The code is in the request of the record `sequence`.
struct RunCalculation {
  SessionId session;
  CalculationId calculation;
  std::uint64_t sequence = 0;
  bool operator==(const RunCalculation&) const = default;
};

struct InterruptCalculation {
  SessionId session;
  CalculationId calculation;
  bool operator==(const InterruptCalculation&) const = default;
};

// Stops code that did not heed the interrupt, by killing its kernel.
struct KillCalculation {
  SessionId session;
  CalculationId calculation;
  bool operator==(const KillCalculation&) const = default;
};

struct TerminateExecutor {
  SessionId session;
  bool operator==(const TerminateExecutor&) const = default;
};

// No more asking: end the executor's processes.
struct KillExecutor {
  SessionId session;
  bool operator==(const KillExecutor&) const = default;
};

// The session is over: let go of connection, process and private files.
struct ReleaseExecutor {
  SessionId session;
  bool operator==(const ReleaseExecutor&) const = default;
};

// A session of an earlier run of the daemon: find what is left of its executor.
struct RecoverExecutor {
  SessionId session;
  bool operator==(const RecoverExecutor&) const = default;
};

// The session's executor has died: start one that takes its place.
struct ResumeExecutor {
  SessionId session;
  bool operator==(const ResumeExecutor&) const = default;
};

struct AcknowledgeReports {
  SessionId session;
  std::uint64_t through = 0;
  bool operator==(const AcknowledgeReports&) const = default;
};

struct ArmDeadline {
  SessionId session;
  Timestamp at;
  bool operator==(const ArmDeadline&) const = default;
};

using Effect = std::variant<LaunchExecutor, RunCalculation, InterruptCalculation, KillCalculation,
                            TerminateExecutor, KillExecutor, ReleaseExecutor, RecoverExecutor,
                            ResumeExecutor, AcknowledgeReports, ArmDeadline>;

// `state` is the state right after `event` was applied. Appends to `effects`.
void effectsOf(const Event& event, const State& state, std::vector<Effect>& effects);

// Everything that ought to be under way when the daemon starts with this state: for each session,
// first to recover its executor, then what may have been lost on the way to it, then its deadline.
// Sessions are in the order of their ids, so that two starts from one state do the same.
std::vector<Effect> outstanding(const State& state);

}  // namespace glaux::core
