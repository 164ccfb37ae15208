#include "plugins/check/loop.h"

#include <kj/async-io.h>

namespace glaux::plugins::check {
namespace {

constexpr std::chrono::milliseconds kInterval{3};

kj::Duration toKj(std::chrono::milliseconds duration) {
  return duration.count() * kj::MILLISECONDS;
}

}  // namespace

Loop::Loop() : io_(std::make_unique<kj::AsyncIoContext>(kj::setupAsyncIo())) {}

Loop::~Loop() = default;

bool Loop::waitUntil(const std::function<bool()>& condition, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    pause(kInterval);
  }
  return true;
}

void Loop::pause(std::chrono::milliseconds duration) {
  io_->provider->getTimer().afterDelay(toKj(duration)).wait(io_->waitScope);
}

}  // namespace glaux::plugins::check
