#include "daemon/http/lingering_close.h"

#include <sys/socket.h>

#include <cerrno>

#include "daemon/loop/loop.h"

namespace glaux::daemon {
namespace {

constexpr std::uint64_t kMaxLingerMs = 5'000;
/// More sockets than this are not lingered on: under attack descriptors are worth more than
/// answers.
constexpr std::size_t kMaxLingering = 256;

}  // namespace

LingeringClose::Socket::Socket(LingeringClose& owner, OwnedFd socket_fd)
    : fd(std::move(socket_fd)),
      poll(owner.loop_, fd.get(), [&owner, this](int) { owner.discardInput(*this); }),
      deadline(owner.loop_, [&owner, this] { owner.sockets_.erase(self); }) {
  poll.start(Poll::kReadable);
  deadline.start(kMaxLingerMs);
}

void LingeringClose::add(OwnedFd socket) {
  if (sockets_.size() >= kMaxLingering) return;
  sockets_.emplace_front(*this, std::move(socket));
  sockets_.front().self = sockets_.begin();
}

void LingeringClose::discardInput(Socket& socket) {
  // MSG_TRUNC on a TCP socket throws the bytes away without copying them.
  constexpr std::size_t kBytesAtOnce = std::size_t{1} << 20;
  const ssize_t discarded = ::recv(socket.fd.get(), nullptr, kBytesAtOnce, MSG_TRUNC);
  if (discarded > 0 || (discarded < 0 && (errno == EAGAIN || errno == EINTR))) return;
  sockets_.erase(socket.self);
}

}  // namespace glaux::daemon
