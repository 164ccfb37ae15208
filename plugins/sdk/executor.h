#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>
#include <kj/async.h>
#include <kj/timer.h>

#include <optional>
#include <string>
#include <vector>

#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/reports.h"
#include "plugins/sdk/output_files.h"
#include "plugins/sdk/reach.h"
#include "plugins/sdk/report_log.h"
#include "plugins/sdk/usage_meter.h"

// What a C++ author of an executor writes: a subclass of `Executor` and a `main` that calls
// `executorMain` (executor_main.h). The SDK does the rest of executor.capnp: socket, handshake,
// numbered and spooled reports, at most once, output files, usage, lease, orderly end.
//
// Everything runs on one thread and its KJ loop. Do not block it. Where a promise is answered, an
// exception that is thrown means the same as a rejected one.
namespace glaux::plugins {

// What the SDK lends an executor; outlives it. The current directory is the session directory and
// stays so.
struct Tools {
  const Bootstrap& bootstrap;
  kj::Timer& timer;
  kj::UnixEventPort& event_port;  // has captured SIGTERM and child exits
  kj::Network& network;
  ReportLog& reports;  // for `Progress`, and `ExecutorChanged` of gateways and workers
  Reach& reach;        // for what runs the code elsewhere, and may not be reached
};

struct Calculation {
  std::string id;
  std::string code;
  OutputFiles output;
};

// How a calculation's code ended by itself. Whether an error after an interrupt means "canceled" is
// for the SDK to say.
struct RunResult {
  enum class Kind { kReachedItsEnd, kRaisedAnError };

  Kind kind = Kind::kReachedItsEnd;
  std::string reason;  // of an error, one line
};

class Executor {
 public:
  virtual ~Executor() noexcept(false) = default;

  // Called first, and before the socket listens: whatever takes long (a process to start) should be
  // under way when this returns. The promise is done when code can run; if it is rejected, the
  // session ends as failed and the exception's description is the reason. Called again after
  // `whenGone`, to begin anew, if `canRestart`.
  virtual kj::Promise<SessionReady> start() = 0;

  // Runs the code of one calculation. Called when `start` is done, and not again before the promise
  // is. All output is in the files when the promise is done. `calculation` lives until the next
  // call. If what runs the code dies, leave the promise alone and report the death.
  virtual kj::Promise<RunResult> run(Calculation& calculation) = 0;

  // Asks the running code to stop. Repeated every second until `run` is done.
  virtual void interrupt() = 0;

  // Asks whatever runs the code to go away in its own time. No code is running.
  virtual void stop() = 0;

  // Ends whatever runs the code by force, code included. May be called in any state.
  virtual void kill() = 0;

  // Done, with a reason for the user, when nothing that runs code is left, whether it was asked to
  // go or not, and all output of it is in the files. Called once after each `start`.
  virtual kj::Promise<std::string> whenGone() = 0;

  // Whether `start` can be called again once everything is gone, for a session to go on without its
  // variables. If not, the session ends with what runs its code.
  virtual bool canRestart() const { return false; }

  // Called last, when the session has ended: done when nothing that was made for it is left, here
  // or elsewhere. The process exits then. If it is rejected or takes too long, the exit status is
  // 1, and the daemon cleans up.
  virtual kj::Promise<void> clear() { return kj::READY_NOW; }

  // What the code has used so far, if somebody counts it.
  virtual std::optional<Measurement> measure() { return {}; }

  // For executors whose description says `can_resume`. Instead of the first `start`, in a process
  // that takes the place of one that died: finds again what it had started. Done when that can be
  // reached and all its output is accounted for; `whenGone` is then as after `start`. If the
  // promise is rejected, none of it is left, or nothing can be done with it: it is killed and, as
  // after a death, begun anew.
  virtual kj::Promise<void> resume() {
    return kj::Exception(kj::Exception::Type::UNIMPLEMENTED, __FILE__, __LINE__);
  }

  // After `resume`, for code that was running: as `run`, which was called in the other process. The
  // files hold what that process had written.
  virtual kj::Promise<RunResult> resumeRun(Calculation&) {
    return kj::Exception(kj::Exception::Type::UNIMPLEMENTED, __FILE__, __LINE__);
  }
};

// What `describe` answers.
struct ExecutorDescription {
  std::string name;
  bool can_interrupt = true;
  std::vector<std::string> kernels;  // empty: takes any kernel's name
  bool can_resume = false;           // see `Bootstrap.resume`
};

}  // namespace glaux::plugins
