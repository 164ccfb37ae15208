#pragma once

#include <list>

#include "daemon/loop/poll.h"
#include "daemon/loop/timer.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {

class Loop;

/// The last seconds of connections on which a request was answered before it was read to its end.
/// Closing such a socket at once makes the kernel send a reset, which can destroy the answer before
/// the client has read it (RFC 9112, section 9.6). Instead what still arrives is thrown away until
/// the client closes, for a few seconds at most.
class LingeringClose {
 public:
  explicit LingeringClose(Loop& loop) : loop_(loop) {}

  LingeringClose(const LingeringClose&) = delete;
  LingeringClose& operator=(const LingeringClose&) = delete;

  /// Takes a socket whose sending side is shut down already.
  void add(OwnedFd socket);

  bool empty() const { return sockets_.empty(); }

 private:
  struct Socket {
    Socket(LingeringClose& owner, OwnedFd socket_fd);

    std::list<Socket>::iterator self;
    OwnedFd fd;
    Poll poll;
    Timer deadline;
  };

  void discardInput(Socket& socket);

  Loop& loop_;
  std::list<Socket> sockets_;
};

}  // namespace glaux::daemon
