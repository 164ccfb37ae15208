#pragma once

#include <memory>

namespace kj {
class AsyncIoProvider;
class LowLevelAsyncIoProvider;
class Timer;
class WaitScope;
}  // namespace kj

namespace glaux::daemon {

class Loop;

/// KJ as a guest on the libuv loop: promises, streams, timers and Cap'n Proto RPC in the loop's own
/// thread. While this object exists it is the thread's kj::EventLoop, promises may be made anywhere
/// on the thread, and their continuations run as part of the loop's turns: those made ready by a
/// timer or a socket run in the same turn.
///
/// Other threads reach this one through Async; kj::Executor is not supported and throws.
///
/// Every promise, stream, capability and RPC system must be destroyed before it.
class KjEventPort {
 public:
  explicit KjEventPort(Loop& loop);
  ~KjEventPort();

  KjEventPort(const KjEventPort&) = delete;
  KjEventPort& operator=(const KjEventPort&) = delete;

  /// Streams over descriptors. Unless TAKE_OWNERSHIP is given a duplicate of the descriptor is
  /// used, so the caller may close its own at any time. wrapUnixSocketFd (descriptor passing) and
  /// wrapDatagramSocketFd are not implemented and throw.
  kj::LowLevelAsyncIoProvider& lowLevelProvider();

  /// KJ's network on top of the above: getNetwork() connects to and listens on "unix:<path>" and
  /// TCP addresses.
  kj::AsyncIoProvider& provider();

  /// Counts the loop's time, see Loop::nowMs().
  kj::Timer& timer();

  /// For Promise::wait() at top level, when the loop is not running: it runs the whole libuv loop,
  /// not KJ's events alone.
  kj::WaitScope& waitScope();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace glaux::daemon
