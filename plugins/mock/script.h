#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace glaux::plugins {

// One line of a mock's script; README.md lists the verbs.
struct Instruction {
  std::string verb;
  std::string argument;  // the rest of the line behind one blank

  bool operator==(const Instruction&) const = default;
};

std::vector<Instruction> parseScript(std::string_view code);

}  // namespace glaux::plugins
