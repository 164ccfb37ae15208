#pragma once

#include <functional>
#include <string>

namespace glaux::plugins {

// How an executor tells its session that what runs the code cannot be reached for the time being,
// and that it can again. Said at any time and more than once, it becomes a report when it means
// something.
struct Reach {
  // `reason` is for the user.
  std::function<void(const std::string& reason)> lost = [](const std::string&) {};
  // What was lost from sight meanwhile is in sight again, output included.
  std::function<void()> regained = [] {};
};

}  // namespace glaux::plugins
