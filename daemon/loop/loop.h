#pragma once

#include <cstdint>
#include <memory>
#include <tl/expected.hpp>

#include "daemon/error.h"

struct uv_loop_s;

namespace glaux::daemon {

/// The daemon's event loop: one libuv loop, run by the thread that constructed it. Timers, polls
/// and the other classes of this folder belong to a Loop, are used from its thread only (Async says
/// what it allows beyond that), and must be destroyed before close().
class Loop {
 public:
  Loop();

  /// Ends the process unless close() succeeded: a leaked handle is a callback into freed memory
  /// waiting to happen.
  ~Loop();

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop(), or until nothing is left that could call back.
  void run();

  /// Runs one turn, waiting for something to happen first (runOnce) or not (runNoWait). Returns
  /// whether anything is left that could call back.
  bool runOnce();
  bool runNoWait();

  /// Makes run() return at the end of the current turn, or at once when it is next called.
  void stop();

  /// The time at the start of the current turn, in milliseconds of a monotonic clock. It stands
  /// still within a turn.
  std::uint64_t nowMs() const;

  /// Lets every close callback and every job of the thread pool that is still under way finish,
  /// then closes the loop. Fails, naming them, if handles are left that nobody closed; nothing has
  /// happened then. To be called after everything that belongs to the loop was destroyed.
  [[nodiscard]] tl::expected<void, Error> close();

  uv_loop_s* uv() { return loop_.get(); }

 private:
  std::unique_ptr<uv_loop_s> loop_;
  bool closed_ = false;
};

}  // namespace glaux::daemon
