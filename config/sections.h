// The parts of the settings file whose names are the operator's own, such as those of engine
// versions. They have no flags and no environment variables, and a running daemon takes them over
// when its settings are read again.
//
//   "executors": {"<plugin>": {"<setting>": <text, number or true|false>, …}, …}
//   "engines": {"<engine version>": {"executor": …, "kernel": …, "settings": {…}}, …}
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/assignment.h"

namespace glaux::config {

struct Section {
  std::string_view name;
  std::string_view help;
  std::string_view example;  // a member it may have, as JSON
  // Stores a value that stands in the section, or says why not.
  void (*assign)(const Assignment& assignment, Options& options, std::vector<Problem>& problems);
};

std::span<const Section> sections();

// nullptr: there is none of that name.
const Section* findSection(std::string_view name);

// The name closest to a mistyped one. Nothing: none is close enough to be worth suggesting.
std::optional<std::string> nearestSection(std::string_view mistyped);

}  // namespace glaux::config
