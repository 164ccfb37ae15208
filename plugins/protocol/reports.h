#pragma once

#include <cstdint>
#include <string>
#include <variant>

// The reports of executor.capnp as plain values. The schema is the specification: what each report
// means, in which order they come, and how usage is counted.
namespace glaux::plugins {

struct SessionReady {
  std::string implementation;
  std::string language;
  std::string language_version;

  bool operator==(const SessionReady&) const = default;
};

enum class ExecutorType { kCoordinator, kGateway, kWorker };

enum class ExecutorState { kCreating, kCreated, kRegistered, kTerminating, kTerminated, kFailed };

struct ExecutorChanged {
  std::string executor_id;
  ExecutorType type = ExecutorType::kCoordinator;
  ExecutorState state = ExecutorState::kCreating;
  std::uint32_t dpus = 0;

  bool operator==(const ExecutorChanged&) const = default;
};

struct CalculationStarted {
  std::string calculation_id;

  bool operator==(const CalculationStarted&) const = default;
};

struct Progress {
  std::string calculation_id;
  std::string description;

  bool operator==(const Progress&) const = default;
};

// Running totals in DPU-milliseconds; they never decrease.
struct Usage {
  std::string executor_id;
  std::uint64_t total_dpu_millis = 0;  // of this executor, since the session began
  std::string calculation_id;
  std::uint64_t calculation_dpu_millis = 0;  // of this calculation, on all executors

  // Measured; 0 where nobody does.
  std::uint64_t cpu_millis = 0;       // of this calculation, all cores together
  std::uint32_t peak_milli_cpus = 0;  // of this calculation, over any second
  std::uint64_t peak_memory_mib = 0;  // of the session so far

  bool operator==(const Usage&) const = default;
};

enum class Outcome { kCompleted, kFailed, kCanceled };

struct CalculationFinished {
  std::string calculation_id;
  Outcome outcome = Outcome::kCompleted;
  std::string reason;  // of a failure, one line
  Usage usage;         // final totals; the executor id is empty if the code never started

  bool operator==(const CalculationFinished&) const = default;
};

enum class Ending { kClean, kFailed };

struct SessionEnded {
  Ending ending = Ending::kClean;
  std::string reason;

  bool operator==(const SessionEnded&) const = default;
};

struct KernelDied {
  std::string reason;

  bool operator==(const KernelDied&) const = default;
};

// What runs the code is out of reach.
struct Degraded {
  std::string reason;

  bool operator==(const Degraded&) const = default;
};

// It is in reach again, and has lost nothing.
struct Recovered {
  bool operator==(const Recovered&) const = default;
};

// Of a later version of the contract; it counts as received and says nothing.
struct UnknownReport {
  bool operator==(const UnknownReport&) const = default;
};

struct Report {
  std::uint64_t number = 0;  // from 1 within a session, without gaps
  std::int64_t time_ms = 0;  // since the Unix epoch, by the executor's clock
  std::variant<SessionReady, ExecutorChanged, CalculationStarted, Progress, Usage,
               CalculationFinished, SessionEnded, KernelDied, Degraded, Recovered, UnknownReport>
      what;

  bool operator==(const Report&) const = default;
};

}  // namespace glaux::plugins
