#include "daemon/ctl/progress.h"

#include <unistd.h>

#include <cstdio>

namespace glaux::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto kTerminalInterval = 200ms;
constexpr auto kSilence = 2s;
constexpr auto kLogInterval = 10s;

}  // namespace

Progress::Progress(std::string what, Clock::time_point began)
    : what_(std::move(what)),
      is_terminal_(::isatty(STDERR_FILENO) == 1),
      next_(began + (is_terminal_ ? Clock::duration(kTerminalInterval) : kSilence)) {}

void Progress::clear() {
  if (!is_shown_) return;
  std::fputs("\r\x1b[K", stderr);
  is_shown_ = false;
}

void Progress::look(std::uint64_t sequence, std::uint64_t last) {
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + (is_terminal_ ? Clock::duration(kTerminalInterval) : kLogInterval);
  is_shown_ = is_terminal_;
  std::fprintf(stderr, "%sglauxctl: %s: %llu of %llu%s", is_terminal_ ? "\r" : "", what_.c_str(),
               static_cast<unsigned long long>(sequence), static_cast<unsigned long long>(last),
               is_terminal_ ? "\x1b[K" : "\n");
}

}  // namespace glaux::daemon
