#include "daemon/clock.h"

#include <chrono>

namespace glaux::daemon {
namespace {

template <class SourceClock>
std::int64_t millisecondsOf() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             SourceClock::now().time_since_epoch())
      .count();
}

}  // namespace

std::int64_t SystemClock::nowMs() const { return millisecondsOf<std::chrono::system_clock>(); }

std::int64_t SystemClock::monotonicMs() const {
  return millisecondsOf<std::chrono::steady_clock>();
}

}  // namespace glaux::daemon
