#include "daemon/loop/async.h"

#include "daemon/loop/loop.h"
#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {

Async::Async(Loop& loop, std::function<void()> on_wakeup)
    : handle_(
          makeUvHandle<uv_async_t>("uv_async_init", std::move(on_wakeup), [&](uv_async_t* async) {
            return uv_async_init(loop.uv(), async, UvBody<uv_async_t>::call);
          })) {}

Async::~Async() = default;

void Async::wake() const { requireUv(uv_async_send(&handle_->uv), "uv_async_send"); }

}  // namespace glaux::daemon
