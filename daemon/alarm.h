#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace glaux::daemon {

/// Calls a function once after a time, or again and again. The function may restart, stop or
/// destroy the alarm.
class Alarm {
 public:
  virtual ~Alarm() = default;

  /// First call after `delay_ms`, then every `repeat_ms` unless that is 0. Restarts an active one.
  virtual void start(std::uint64_t delay_ms, std::uint64_t repeat_ms = 0) = 0;
  virtual void stop() = 0;
  virtual bool isActive() const = 0;
};

/// Where waiting enters what the simulation runs: it sets alarms on a clock that is an integer.
class Alarms {
 public:
  virtual ~Alarms() = default;

  virtual std::unique_ptr<Alarm> make(std::function<void()> on_timeout) = 0;
};

}  // namespace glaux::daemon
