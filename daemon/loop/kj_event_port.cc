#include "daemon/loop/kj_event_port.h"

#include <kj/async-io.h>
#include <kj/async.h>
#include <kj/timer.h>

#include <algorithm>
#include <string>

#include "daemon/loop/kj_streams.h"
#include "daemon/loop/loop.h"
#include "daemon/loop/timer.h"
#include "daemon/loop/uv_handle.h"

namespace glaux::daemon {
namespace {

/// Continuations of one turn before sockets and timers get their chance again.
constexpr kj::uint kMaxEventsPerTurn = 10'000;

/// Runs KJ's event queue from the libuv loop. The idle handle runs what timers made ready and keeps
/// the loop from waiting while anything is queued; the check handle runs what sockets and wake-ups
/// made ready. When a Promise::wait() is what drives the loop, KJ runs its queue itself and the two
/// handles only keep the loop awake.
class Port final : public kj::EventPort {
 public:
  explicit Port(Loop& loop)
      : loop_(loop),
        idle_(makeUvHandle<uv_idle_t>(
            "uv_idle_init", [this] { runQueue(); },
            [&](uv_idle_t* idle) { return uv_idle_init(loop.uv(), idle); })),
        check_(makeUvHandle<uv_check_t>(
            "uv_check_init", [this] { runQueue(); },
            [&](uv_check_t* check) { return uv_check_init(loop.uv(), check); })) {}

  void attach(kj::EventLoop* kj_loop) { kj_loop_ = kj_loop; }

  bool wait() override { return driveLoop(UV_RUN_ONCE); }
  bool poll() override { return driveLoop(UV_RUN_NOWAIT); }

  void setRunnable(bool runnable) override {
    if (runnable) {
      uv_idle_start(&idle_->uv, idle_->call);
      uv_check_start(&check_->uv, check_->call);
    } else {
      uv_idle_stop(&idle_->uv);
      uv_check_stop(&check_->uv);
    }
  }

 private:
  /// Returns whether wake() was called, which this port does not offer.
  bool driveLoop(uv_run_mode mode) {
    kj_drives_ = true;
    uv_run(loop_.uv(), mode);
    kj_drives_ = false;
    return false;
  }

  void runQueue() {
    if (kj_drives_ || kj_loop_ == nullptr) return;
    // Whatever a continuation throws ends in its promise. An exception here comes from a destructor
    // and must not pass through libuv's frames.
    KJ_IF_MAYBE (exception,
                 kj::runCatchingExceptions([this] { kj_loop_->run(kMaxEventsPerTurn); })) {
      brokenInvariant(std::string("a KJ event threw: ") + exception->getDescription().cStr());
    }
  }

  Loop& loop_;
  kj::EventLoop* kj_loop_ = nullptr;
  bool kj_drives_ = false;
  UvHandle<uv_idle_t> idle_;
  UvHandle<uv_check_t> check_;
};

/// Fulfils its promise after a delay; cancelled with it.
class DelayAdapter {
 public:
  DelayAdapter(kj::PromiseFulfiller<void>& fulfiller, Loop& loop, std::uint64_t delay_ms)
      : timer_(loop, [&fulfiller] { fulfiller.fulfill(); }) {
    timer_.start(delay_ms);
  }

 private:
  Timer timer_;
};

class UvKjTimer final : public kj::Timer {
 public:
  explicit UvKjTimer(Loop& loop) : loop_(loop) {}

  kj::TimePoint now() const override {
    return kj::origin<kj::TimePoint>() +
           static_cast<std::int64_t>(loop_.nowMs()) * kj::MILLISECONDS;
  }

  kj::Promise<void> atTime(kj::TimePoint time) override { return afterDelay(time - now()); }

  kj::Promise<void> afterDelay(kj::Duration delay) override {
    // Rounded up: a timer may be late, never early.
    const std::int64_t delay_ms = (delay + kj::MILLISECONDS - kj::NANOSECONDS) / kj::MILLISECONDS;
    return kj::newAdaptedPromise<void, DelayAdapter>(
        loop_, static_cast<std::uint64_t>(std::max<std::int64_t>(delay_ms, 0)));
  }

 private:
  Loop& loop_;
};

}  // namespace

struct KjEventPort::Impl {
  explicit Impl(Loop& loop)
      : port(loop), event_loop(port), wait_scope(event_loop), timer(loop), low_level(loop, timer) {
    port.attach(&event_loop);
    provider = kj::newAsyncIoProvider(low_level);
  }

  Port port;
  kj::EventLoop event_loop;
  kj::WaitScope wait_scope;
  UvKjTimer timer;
  UvAsyncIoProvider low_level;
  kj::Own<kj::AsyncIoProvider> provider;
};

KjEventPort::KjEventPort(Loop& loop) : impl_(std::make_unique<Impl>(loop)) {}
KjEventPort::~KjEventPort() = default;

kj::LowLevelAsyncIoProvider& KjEventPort::lowLevelProvider() { return impl_->low_level; }
kj::AsyncIoProvider& KjEventPort::provider() { return *impl_->provider; }
kj::Timer& KjEventPort::timer() { return impl_->timer; }
kj::WaitScope& KjEventPort::waitScope() { return impl_->wait_scope; }

}  // namespace glaux::daemon
