#pragma once

#include <functional>

#include "daemon/loop/handle.h"

struct uv_async_s;

namespace glaux::daemon {

class Loop;

/// Wakes the loop from another thread.
class Async {
 public:
  /// `on_wakeup` runs on the loop's thread, once for any number of wake() calls that preceded it.
  Async(Loop& loop, std::function<void()> on_wakeup);
  ~Async();

  Async(const Async&) = delete;
  Async& operator=(const Async&) = delete;

  /// May be called from any thread, as long as the Async exists.
  void wake() const;

 private:
  UvHandle<uv_async_s> handle_;
};

}  // namespace glaux::daemon
