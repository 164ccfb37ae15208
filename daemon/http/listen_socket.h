#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "daemon/error.h"
#include "daemon/owned_fd.h"

namespace glaux::daemon {

struct ListenSocket {
  OwnedFd fd;
  /// The port it is bound to, also where the system chose it.
  std::uint16_t port;
};

/// A non-blocking, close-on-exec TCP socket that listens on the first address `host` resolves to.
[[nodiscard]] tl::expected<ListenSocket, Error> openListenSocket(const std::string& host,
                                                                 std::uint16_t port);

}  // namespace glaux::daemon
