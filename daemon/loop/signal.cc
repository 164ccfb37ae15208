#include "daemon/loop/signal.h"

#include "daemon/loop/loop.h"
#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {

Signal::Signal(Loop& loop, int signal_number, std::function<void()> on_signal)
    : handle_(makeUvHandle<uv_signal_t, int>(
          "uv_signal_init", [on_signal = std::move(on_signal)](int) { on_signal(); },
          [&](uv_signal_t* signal) { return uv_signal_init(loop.uv(), signal); })) {
  requireUv(uv_signal_start(&handle_->uv, handle_->call, signal_number), "uv_signal_start");
}

Signal::~Signal() = default;

}  // namespace glaux::daemon
