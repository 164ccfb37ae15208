#pragma once

#include <functional>

#include "daemon/loop/handle.h"

struct uv_signal_s;

namespace glaux::daemon {

class Loop;

/// Runs a function on the loop whenever the process gets a signal, instead of the signal's default
/// action.
class Signal {
 public:
  Signal(Loop& loop, int signal_number, std::function<void()> on_signal);
  ~Signal();

  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

 private:
  UvHandle<uv_signal_s, int> handle_;
};

}  // namespace glaux::daemon
