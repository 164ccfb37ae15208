#include "plugins/mock/script.h"

#include <algorithm>

namespace glaux::plugins {

std::vector<Instruction> parseScript(std::string_view code) {
  std::vector<Instruction> script;
  while (!code.empty()) {
    const std::string_view line = code.substr(0, code.find('\n'));
    code.remove_prefix(std::min(line.size() + 1, code.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::size_t blank = line.find(' ');
    const std::string_view argument =
        blank == std::string_view::npos ? std::string_view() : line.substr(blank + 1);
    script.push_back({std::string(line.substr(0, blank)), std::string(argument)});
  }
  return script;
}

}  // namespace glaux::plugins
