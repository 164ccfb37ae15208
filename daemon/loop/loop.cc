#include "daemon/loop/loop.h"

#include <csignal>
#include <string>

#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {
namespace {

std::string namesOfOpenHandles(uv_loop_t* loop) {
  std::string names;
  uv_walk(
      loop,
      [](uv_handle_t* handle, void* out) {
        if (uv_is_closing(handle)) return;
        std::string& list = *static_cast<std::string*>(out);
        if (!list.empty()) list += ", ";
        list += uv_handle_type_name(handle->type);
        if (!uv_is_active(handle)) list += " (inactive)";
      },
      &names);
  return names;
}

}  // namespace

Loop::Loop() : loop_(std::make_unique<uv_loop_t>()) {
  requireUv(uv_loop_init(loop_.get()), "uv_loop_init");
  std::signal(SIGPIPE, SIG_IGN);
}

Loop::~Loop() { invariant(closed_, "the loop was destroyed without having been closed"); }

void Loop::run() { uv_run(loop_.get(), UV_RUN_DEFAULT); }
bool Loop::runOnce() { return uv_run(loop_.get(), UV_RUN_ONCE) != 0; }
bool Loop::runNoWait() { return uv_run(loop_.get(), UV_RUN_NOWAIT) != 0; }
void Loop::stop() { uv_stop(loop_.get()); }
std::uint64_t Loop::nowMs() const { return uv_now(loop_.get()); }

tl::expected<void, Error> Loop::close() {
  if (const std::string open = namesOfOpenHandles(loop_.get()); !open.empty()) {
    return tl::unexpected(Error{"the event loop was closed while in use by: " + open});
  }
  // Only closing handles and thread pool jobs are left, and they all end; a stop() that was not yet
  // acted on ends a run early.
  while (uv_run(loop_.get(), UV_RUN_DEFAULT) != 0) {
  }
  requireUv(uv_loop_close(loop_.get()), "uv_loop_close");
  closed_ = true;
  return {};
}

}  // namespace glaux::daemon
