#include "daemon/loop/timer.h"

#include "daemon/loop/loop.h"
#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {

Timer::Timer(Loop& loop, std::function<void()> on_timeout)
    : handle_(makeUvHandle<uv_timer_t>(
          "uv_timer_init", std::move(on_timeout),
          [&](uv_timer_t* timer) { return uv_timer_init(loop.uv(), timer); })) {}

Timer::~Timer() = default;

void Timer::start(std::uint64_t delay_ms, std::uint64_t repeat_ms) {
  requireUv(uv_timer_start(&handle_->uv, handle_->call, delay_ms, repeat_ms), "uv_timer_start");
}

void Timer::stop() { uv_timer_stop(&handle_->uv); }

bool Timer::isActive() const { return uv_is_active(handle_->base()) != 0; }

}  // namespace glaux::daemon
