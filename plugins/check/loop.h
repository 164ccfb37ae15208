#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace kj {
struct AsyncIoContext;
}

namespace glaux::plugins::check {

// The KJ loop of one case. Everything a case does happens on its thread, and only while it waits
// does anything arrive.
class Loop {
 public:
  Loop();
  ~Loop();

  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Turns the loop until the condition holds; false after the timeout.
  bool waitUntil(const std::function<bool()>& condition, std::chrono::milliseconds timeout);

  // Turns the loop for that long.
  void pause(std::chrono::milliseconds duration);

  kj::AsyncIoContext& io() { return *io_; }

 private:
  std::unique_ptr<kj::AsyncIoContext> io_;
};

}  // namespace glaux::plugins::check
