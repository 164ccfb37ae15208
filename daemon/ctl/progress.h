#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace glaux::daemon {

// Tells on stderr how far a long reading of the journal is: on a terminal in one line that changes,
// elsewhere a line now and then once it has taken two seconds.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  Progress(std::string what, Clock::time_point began);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(std::uint64_t sequence, std::uint64_t last) {
    if (sequence % kRecordsPerLook == 0) look(sequence, last);
  }

  // Removes the changing line, so that something else can be printed.
  void clear();

 private:
  static constexpr std::uint64_t kRecordsPerLook = 4096;

  void look(std::uint64_t sequence, std::uint64_t last);

  std::string what_;
  bool is_terminal_;
  bool is_shown_ = false;
  Clock::time_point next_;
};

}  // namespace glaux::daemon
