#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace glaux::plugins {

// How often a kernel that dies is started again: so many times within ten minutes, as
// `Bootstrap.kernelRestarts` has it. Times are milliseconds of any clock that never goes back.
class RestartBudget {
 public:
  explicit RestartBudget(std::size_t restarts) : restarts_(restarts) {}

  // One more death. False if there have been too many.
  bool take(std::int64_t now_ms);

  // A sentence for the user, to follow the one that tells of the last death.
  std::string exhausted() const;

 private:
  const std::size_t restarts_;
  std::deque<std::int64_t> taken_ms_;  // within the last ten minutes
};

}  // namespace glaux::plugins
