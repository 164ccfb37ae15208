#include "daemon/loop/kj_streams.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "daemon/loop/poll.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {
namespace {

using Provider = kj::LowLevelAsyncIoProvider;

/// The descriptor a stream is to use: the caller's own, or a duplicate if it is only lent.
OwnedFd adopt(int fd, kj::uint flags) {
  if ((flags & Provider::TAKE_OWNERSHIP) == 0) {
    int duplicate;
    KJ_SYSCALL(duplicate = ::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    return OwnedFd(duplicate);
  }
  OwnedFd owned(fd);
  if ((flags & Provider::ALREADY_CLOEXEC) == 0) {
    KJ_SYSCALL(::fcntl(fd, F_SETFD, FD_CLOEXEC));
  }
  return owned;
}

/// A descriptor and who waits for it: at most one reader and one writer at a time, which is what
/// KJ's streams allow. A promise may be dropped, which is cancellation, and another asked for.
class WatchedFd {
 public:
  WatchedFd(Loop& loop, OwnedFd fd)
      : fd_(kj::mv(fd)), poll_(loop, fd_.get(), [this](int events) { wakeUp(events); }) {}

  int get() const { return fd_.get(); }

  kj::Promise<void> whenReadable() { return waitAs(reader_); }
  kj::Promise<void> whenWritable() { return waitAs(writer_); }

 private:
  using Waiter = kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>>;

  kj::Promise<void> waitAs(Waiter& waiter) {
    auto pair = kj::newPromiseAndFulfiller<void>();
    waiter = kj::mv(pair.fulfiller);
    watch(wanted() | watched());
    return kj::mv(pair.promise);
  }

  /// Polling is level-triggered: an event that nobody acts on would come again at once, so it is
  /// watched no more. One that somebody does act on stays watched: whoever reads mostly comes back
  /// for more within the turn, and asking the kernel twice each time would show.
  void wakeUp(int events) {
    const int ignored = events & ~wanted();
    if ((events & Poll::kReadable) != 0) fulfil(reader_);
    if ((events & Poll::kWritable) != 0) fulfil(writer_);
    if (ignored != 0 || !poll_.isActive()) watch((watched() & ~ignored) | wanted());
  }

  static void fulfil(Waiter& waiter) {
    KJ_IF_MAYBE (fulfiller, waiter) {
      (*fulfiller)->fulfill();
    }
    waiter = nullptr;
  }

  static bool isWaiting(Waiter& waiter) {
    KJ_IF_MAYBE (fulfiller, waiter) {
      return (*fulfiller)->isWaiting();
    }
    return false;
  }

  int wanted() {
    return (isWaiting(reader_) ? Poll::kReadable : 0) | (isWaiting(writer_) ? Poll::kWritable : 0);
  }

  int watched() const { return poll_.isActive() ? watched_ : 0; }

  void watch(int events) {
    if (events == watched()) return;
    watched_ = events;
    if (events != 0) {
      poll_.start(events);
    } else {
      poll_.stop();
    }
  }

  OwnedFd fd_;
  Waiter reader_;
  Waiter writer_;
  int watched_ = 0;
  /// After fd_: a descriptor stays open as long as it is polled.
  Poll poll_;
};

class UvStream final : public kj::AsyncIoStream {
 public:
  UvStream(Loop& loop, OwnedFd fd) : fd_(loop, kj::mv(fd)) {}

  kj::Promise<void> whenConnected() {
    return fd_.whenWritable().then([this] {
      int error = 0;
      socklen_t length = sizeof error;
      KJ_SYSCALL(::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length));
      if (error != 0) KJ_FAIL_SYSCALL("connect()", error);
    });
  }

  kj::Promise<size_t> tryRead(void* buffer, size_t min_bytes, size_t max_bytes) override {
    return readMore(static_cast<kj::byte*>(buffer), min_bytes, max_bytes, 0);
  }

  kj::Promise<void> write(const void* buffer, size_t size) override {
    return writeMore(kj::arrayPtr(static_cast<const kj::byte*>(buffer), size), nullptr);
  }

  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    if (pieces.size() == 0) return kj::READY_NOW;
    return writeMore(pieces[0], pieces.slice(1, pieces.size()));
  }

  // A connection that broke shows at the next read or write; nothing here needs to know earlier.
  kj::Promise<void> whenWriteDisconnected() override { return kj::NEVER_DONE; }

  void shutdownWrite() override { KJ_SYSCALL(::shutdown(fd_.get(), SHUT_WR)); }

  // Fails harmlessly when the peer was faster.
  void abortRead() override { ::shutdown(fd_.get(), SHUT_RD); }

  void getsockopt(int level, int option, void* value, kj::uint* length) override {
    socklen_t socket_length = *length;
    KJ_SYSCALL(::getsockopt(fd_.get(), level, option, value, &socket_length));
    *length = socket_length;
  }
  void setsockopt(int level, int option, const void* value, kj::uint length) override {
    KJ_SYSCALL(::setsockopt(fd_.get(), level, option, value, length));
  }
  void getsockname(struct sockaddr* address, kj::uint* length) override {
    socklen_t socket_length = *length;
    KJ_SYSCALL(::getsockname(fd_.get(), address, &socket_length));
    *length = socket_length;
  }
  void getpeername(struct sockaddr* address, kj::uint* length) override {
    socklen_t socket_length = *length;
    KJ_SYSCALL(::getpeername(fd_.get(), address, &socket_length));
    *length = socket_length;
  }
  kj::Maybe<int> getFd() const override { return fd_.get(); }

 private:
  /// Through a buffer, because Cap'n Proto asks for a message's header and its body one by one.
  kj::Promise<size_t> readMore(kj::byte* buffer, size_t min_bytes, size_t max_bytes,
                               size_t already_read) {
    while (true) {
      const size_t count = takeBuffered(buffer, max_bytes);
      already_read += count;
      if (count >= min_bytes) return already_read;
      buffer += count;
      min_bytes -= count;
      max_bytes -= count;
      if (!may_have_more_ || !fillBuffer()) {
        return fd_.whenReadable().then([this, buffer, min_bytes, max_bytes, already_read] {
          may_have_more_ = true;
          return readMore(buffer, min_bytes, max_bytes, already_read);
        });
      }
      if (buffered_.size() == 0) return already_read;  // the end
    }
  }

  size_t takeBuffered(kj::byte* buffer, size_t max_bytes) {
    const size_t count = std::min(max_bytes, buffered_.size());
    std::copy_n(buffered_.begin(), count, buffer);
    buffered_ = buffered_.slice(count, buffered_.size());
    return count;
  }

  /// False if nothing is there yet. Fewer bytes than asked for mean that there are no more for now,
  /// which saves the call that would say so.
  bool fillBuffer() {
    ssize_t got;
    KJ_NONBLOCKING_SYSCALL(got = ::read(fd_.get(), input_.data(), input_.size()));
    if (got < 0) return false;
    buffered_ = kj::arrayPtr(input_.data(), static_cast<size_t>(got));
    may_have_more_ = got == 0 || buffered_.size() == input_.size();
    return true;
  }

  /// Writes `first`, then `rest`, with as few system calls as the socket's buffer allows.
  kj::Promise<void> writeMore(kj::ArrayPtr<const kj::byte> first,
                              kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> rest) {
    while (true) {
      ssize_t written;
      KJ_NONBLOCKING_SYSCALL(written = writeOnce(first, rest));
      if (written < 0) {
        return fd_.whenWritable().then([this, first, rest] { return writeMore(first, rest); });
      }
      auto left = static_cast<size_t>(written);
      while (left >= first.size()) {
        left -= first.size();
        if (rest.size() == 0) return kj::READY_NOW;
        first = rest[0];
        rest = rest.slice(1, rest.size());
      }
      first = first.slice(left, first.size());
    }
  }

  ssize_t writeOnce(kj::ArrayPtr<const kj::byte> first,
                    kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> rest) {
    std::array<iovec, 64> pieces;
    size_t count = 0;
    const auto add = [&](kj::ArrayPtr<const kj::byte> piece) {
      pieces[count++] = {const_cast<kj::byte*>(piece.begin()), piece.size()};
    };
    add(first);
    for (const auto& piece : rest.slice(0, std::min(rest.size(), pieces.size() - 1))) add(piece);
    return ::writev(fd_.get(), pieces.data(), static_cast<int>(count));
  }

  WatchedFd fd_;
  std::array<kj::byte, 4096> input_;
  kj::ArrayPtr<kj::byte> buffered_ = nullptr;
  bool may_have_more_ = true;
};

class UvConnectionReceiver final : public kj::ConnectionReceiver {
 public:
  UvConnectionReceiver(Loop& loop, OwnedFd fd, Provider::NetworkFilter& filter)
      : loop_(loop), filter_(filter), fd_(loop, kj::mv(fd)) {}

  kj::Promise<kj::Own<kj::AsyncIoStream>> accept() override {
    while (true) {
      sockaddr_storage peer{};
      socklen_t peer_length = sizeof peer;
      auto* peer_address = reinterpret_cast<sockaddr*>(&peer);
      const int accepted =
          ::accept4(fd_.get(), peer_address, &peer_length, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        OwnedFd connection(accepted);
        if (!filter_.shouldAllow(peer_address, peer_length)) continue;
        return kj::Own<kj::AsyncIoStream>(kj::heap<UvStream>(loop_, kj::mv(connection)));
      }
      const int error = errno;
      if (error == EAGAIN) return fd_.whenReadable().then([this] { return accept(); });
      // The peer gave up while it waited in the queue: not an error of the listening socket.
      if (error != EINTR && error != ECONNABORTED) KJ_FAIL_SYSCALL("accept4()", error);
    }
  }

  kj::uint getPort() override {
    sockaddr_storage address{};
    kj::uint length = sizeof address;
    getsockname(reinterpret_cast<sockaddr*>(&address), &length);
    if (address.ss_family == AF_INET) {
      return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
    }
    if (address.ss_family == AF_INET6) {
      return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
    }
    return 0;
  }

  void getsockname(struct sockaddr* address, kj::uint* length) override {
    socklen_t socket_length = *length;
    KJ_SYSCALL(::getsockname(fd_.get(), address, &socket_length));
    *length = socket_length;
  }

 private:
  Loop& loop_;
  Provider::NetworkFilter& filter_;
  WatchedFd fd_;
};

}  // namespace

kj::Own<kj::AsyncInputStream> UvAsyncIoProvider::wrapInputFd(int fd, kj::uint flags) {
  return kj::heap<UvStream>(loop_, adopt(fd, flags));
}

kj::Own<kj::AsyncOutputStream> UvAsyncIoProvider::wrapOutputFd(int fd, kj::uint flags) {
  return kj::heap<UvStream>(loop_, adopt(fd, flags));
}

kj::Own<kj::AsyncIoStream> UvAsyncIoProvider::wrapSocketFd(int fd, kj::uint flags) {
  return kj::heap<UvStream>(loop_, adopt(fd, flags));
}

kj::Promise<kj::Own<kj::AsyncIoStream>> UvAsyncIoProvider::wrapConnectingSocketFd(
    int fd, const struct sockaddr* address, kj::uint address_length, kj::uint flags) {
  // The stream makes the descriptor non-blocking, so it comes first.
  auto stream = kj::heap<UvStream>(loop_, adopt(fd, flags));
  const int socket = KJ_ASSERT_NONNULL(stream->getFd());
  int result;
  do {
    result = ::connect(socket, address, address_length);
  } while (result < 0 && errno == EINTR);
  if (result == 0) return kj::Own<kj::AsyncIoStream>(kj::mv(stream));
  if (const int error = errno; error != EINPROGRESS) KJ_FAIL_SYSCALL("connect()", error);
  auto connected = stream->whenConnected();
  return connected.then(
      [stream = kj::mv(stream)]() mutable -> kj::Own<kj::AsyncIoStream> { return kj::mv(stream); });
}

kj::Own<kj::ConnectionReceiver> UvAsyncIoProvider::wrapListenSocketFd(int fd, NetworkFilter& filter,
                                                                      kj::uint flags) {
  return kj::heap<UvConnectionReceiver>(loop_, adopt(fd, flags), filter);
}

}  // namespace glaux::daemon
