#pragma once

#include <kj/async-io.h>

namespace glaux::daemon {

class Loop;

/// KJ streams over descriptors that the libuv loop watches. Private to this folder: see
/// KjEventPort::lowLevelProvider().
class UvAsyncIoProvider final : public kj::LowLevelAsyncIoProvider {
 public:
  UvAsyncIoProvider(Loop& loop, kj::Timer& timer) : loop_(loop), timer_(timer) {}

  kj::Own<kj::AsyncInputStream> wrapInputFd(int fd, kj::uint flags) override;
  kj::Own<kj::AsyncOutputStream> wrapOutputFd(int fd, kj::uint flags) override;
  kj::Own<kj::AsyncIoStream> wrapSocketFd(int fd, kj::uint flags) override;
  kj::Promise<kj::Own<kj::AsyncIoStream>> wrapConnectingSocketFd(int fd,
                                                                 const struct sockaddr* address,
                                                                 kj::uint address_length,
                                                                 kj::uint flags) override;
  kj::Own<kj::ConnectionReceiver> wrapListenSocketFd(int fd, NetworkFilter& filter,
                                                     kj::uint flags) override;
  kj::Timer& getTimer() override { return timer_; }

 private:
  Loop& loop_;
  kj::Timer& timer_;
};

}  // namespace glaux::daemon
