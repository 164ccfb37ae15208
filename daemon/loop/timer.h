#pragma once

#include <cstdint>
#include <functional>

#include "daemon/loop/handle.h"

struct uv_timer_s;

namespace glaux::daemon {

class Loop;

/// Calls a function once after a time, or again and again. Times count from the start of the
/// current turn (Loop::nowMs). The function may restart, stop or destroy the timer.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> on_timeout);
  ~Timer();

  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// First call after `delay_ms`, then every `repeat_ms` unless that is 0. Restarts a running
  /// timer.
  void start(std::uint64_t delay_ms, std::uint64_t repeat_ms = 0);
  void stop();
  bool isActive() const;

 private:
  UvHandle<uv_timer_s> handle_;
};

}  // namespace glaux::daemon
