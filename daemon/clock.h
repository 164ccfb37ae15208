#pragma once

#include <cstdint>

namespace glaux::daemon {

/// Where time enters the daemon. Everything that needs the time is given a Clock, so that the
/// simulation can run the daemon on a clock that is an integer.
class Clock {
 public:
  virtual ~Clock() = default;

  /// Wall-clock time in milliseconds since 1970-01-01T00:00:00Z. May step in either direction when
  /// the machine's clock is set.
  virtual std::int64_t nowMs() const = 0;

  /// Milliseconds since an arbitrary point; never runs backwards. For measuring and for deadlines
  /// that do not outlive the process.
  virtual std::int64_t monotonicMs() const = 0;
};

/// The machine's clocks, CLOCK_REALTIME and CLOCK_MONOTONIC. May be used from any thread.
class SystemClock final : public Clock {
 public:
  std::int64_t nowMs() const override;
  std::int64_t monotonicMs() const override;
};

}  // namespace glaux::daemon
