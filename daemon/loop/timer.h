#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "daemon/alarm.h"
#include "daemon/loop/handle.h"

struct uv_timer_s;

namespace glaux::daemon {

class Loop;

/// An alarm of the loop. Times count from the start of the current turn (Loop::nowMs).
class Timer final : public Alarm {
 public:
  Timer(Loop& loop, std::function<void()> on_timeout);
  ~Timer() override;

  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  void start(std::uint64_t delay_ms, std::uint64_t repeat_ms = 0) override;
  void stop() override;
  bool isActive() const override;

 private:
  UvHandle<uv_timer_s> handle_;
};

class LoopAlarms final : public Alarms {
 public:
  /// Outlives the alarms.
  explicit LoopAlarms(Loop& loop) : loop_(loop) {}

  std::unique_ptr<Alarm> make(std::function<void()> on_timeout) override {
    return std::make_unique<Timer>(loop_, std::move(on_timeout));
  }

 private:
  Loop& loop_;
};

}  // namespace glaux::daemon
