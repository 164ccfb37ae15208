#pragma once

#include <kj/async-unix.h>
#include <kj/async.h>
#include <kj/timer.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace glaux::plugins {

// libzmq's context: its I/O thread. Outlives its sockets.
class ZmqContext {
 public:
  ZmqContext();
  ~ZmqContext();

  ZmqContext(const ZmqContext&) = delete;
  ZmqContext& operator=(const ZmqContext&) = delete;

  void* get() const { return context_; }

 private:
  void* context_;
};

// A connecting ZeroMQ socket on a KJ loop. Queues are unbounded in both directions: a message is
// never dropped, and `send` never blocks.
//
// libzmq's descriptor is edge-triggered and says only "look at ZMQ_EVENTS"; a look, and a send as
// well, uses the edge up. So the socket is emptied after each edge and after each send
// (zmq_getsockopt(3), ZMQ_FD).
class ZmqSocket final : private kj::TaskSet::ErrorHandler {
 public:
  enum class Type { kDealer, kSubscriber };  // a subscriber receives everything

  // The peer may appear later: the connection is tried again every few milliseconds. `on_message`
  // is called from the loop, never from within `send`.
  ZmqSocket(const ZmqContext& context, Type type, const std::string& endpoint,
            kj::UnixEventPort& event_port, kj::Timer& timer,
            std::function<void(std::vector<std::string>)> on_message);

  ZmqSocket(const ZmqSocket&) = delete;
  ZmqSocket& operator=(const ZmqSocket&) = delete;

  void send(const std::vector<std::string>& frames);

 private:
  void awaitEdge();
  void drain();
  bool receive(std::vector<std::string>& frames);
  void taskFailed(kj::Exception&& exception) override;

  struct Close {
    void operator()(void* socket) const;
  };

  std::unique_ptr<void, Close> socket_;
  kj::Timer& timer_;
  std::function<void(std::vector<std::string>)> on_message_;
  std::unique_ptr<kj::UnixEventPort::FdObserver> observer_;
  kj::TaskSet tasks_{*this};
};

}  // namespace glaux::plugins
