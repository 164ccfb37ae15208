#include "daemon/loop/poll.h"

#include "daemon/loop/loop.h"
#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {

static_assert(int{Poll::kReadable} == int{UV_READABLE});
static_assert(int{Poll::kWritable} == int{UV_WRITABLE});

Poll::Poll(Loop& loop, int fd, std::function<void(int events)> on_events)
    : handle_(makeUvHandle<uv_poll_t, int, int>(
          "uv_poll_init",
          [on_events = std::move(on_events)](int status, int events) {
            on_events(status < 0 ? kReadable | kWritable : events);
          },
          [&](uv_poll_t* poll) { return uv_poll_init(loop.uv(), poll, fd); })) {}

Poll::~Poll() = default;

void Poll::start(int events) {
  requireUv(uv_poll_start(&handle_->uv, events, handle_->call), "uv_poll_start");
}

bool Poll::isActive() const { return uv_is_active(handle_->base()) != 0; }

void Poll::stop() { uv_poll_stop(&handle_->uv); }

}  // namespace glaux::daemon
