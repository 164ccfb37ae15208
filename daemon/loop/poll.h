#pragma once

#include <functional>

#include "daemon/loop/handle.h"

struct uv_poll_s;

namespace glaux::daemon {

class Loop;

/// Reports readiness of a descriptor that epoll accepts: a socket, a pipe, another epoll
/// descriptor. Level-triggered. The descriptor stays the caller's, becomes non-blocking, must stay
/// open as long as the Poll exists, and must not be given to a second Poll at the same time.
class Poll {
 public:
  enum Events : int { kReadable = 1, kWritable = 2 };

  /// `on_events` gets the events that occurred, a combination of Events. On a poll error it gets
  /// both, so that the following read or write reports the error.
  Poll(Loop& loop, int fd, std::function<void(int events)> on_events);
  ~Poll();

  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  /// Watches for `events` from now on, instead of what was watched for before.
  void start(int events);
  void stop();
  bool isActive() const;

 private:
  UvHandle<uv_poll_s, int, int> handle_;
};

}  // namespace glaux::daemon
