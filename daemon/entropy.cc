#include "daemon/entropy.h"

#include <sys/random.h>

#include <cerrno>

#include "daemon/invariant.h"

namespace glaux::daemon {

void SystemEntropy::fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    invariant(got > 0, "getrandom(2) failed");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace glaux::daemon
