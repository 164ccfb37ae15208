#pragma once

#include <functional>

#include "daemon/loop/handle.h"

struct uv_idle_s;
struct uv_prepare_s;

namespace glaux::daemon {

class Loop;

/// Work that many callbacks of one turn ask for and that is done once, when they have all run:
/// after timers, sockets, wake-ups and KJ promises, just before the loop would wait again. The work
/// may destroy the EndOfTurn.
class EndOfTurn {
 public:
  EndOfTurn(Loop& loop, std::function<void()> work);
  ~EndOfTurn();

  EndOfTurn(const EndOfTurn&) = delete;
  EndOfTurn& operator=(const EndOfTurn&) = delete;

  /// Has `work` called once at the end of this turn, however often it is requested. Requested from
  /// the work of an EndOfTurn, it happens at the end of the next turn, which then does not wait.
  void request();

 private:
  void unrequest();

  bool requested_ = false;
  /// Keeps the loop from waiting for I/O while work is requested.
  UvHandle<uv_idle_s> idle_;
  UvHandle<uv_prepare_s> prepare_;
};

}  // namespace glaux::daemon
