#include "daemon/entropy.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "daemon/invariant.h"

namespace glaux::daemon {
namespace {

void fillFromKernel(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    invariant(got > 0, "getrandom(2) failed");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

// Bytes fetched ahead: a command takes a few dozen, a system call each time would show.
struct Stock {
  std::array<std::uint8_t, 1024> bytes;
  std::size_t used = 1024;
};

}  // namespace

void SystemEntropy::fill(std::span<std::uint8_t> bytes) {
  thread_local Stock stock;
  if (bytes.size() > stock.bytes.size()) return fillFromKernel(bytes);
  if (bytes.size() > stock.bytes.size() - stock.used) {
    fillFromKernel(stock.bytes);
    stock.used = 0;
  }
  auto* from = stock.bytes.data() + stock.used;
  std::copy_n(from, bytes.size(), bytes.begin());
  std::fill_n(from, bytes.size(), std::uint8_t{0});  // handed out once
  stock.used += bytes.size();
}

}  // namespace glaux::daemon
