#include "plugins/process/environment.h"

#include <unistd.h>

#include <sstream>
#include <string_view>

namespace glaux::plugins {
namespace {

bool matches(std::string_view name, std::string_view pattern) {
  if (pattern.ends_with('*')) {
    pattern.remove_suffix(1);
    return name.starts_with(pattern);
  }
  return name == pattern;
}

}  // namespace

std::map<std::string, std::string> selectEnvironment(const std::string& patterns) {
  std::map<std::string, std::string> selected;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view entry = *variable;
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = entry.substr(0, equals);
    std::istringstream words(patterns);
    for (std::string pattern; words >> pattern;) {
      if (matches(name, pattern)) selected.emplace(name, entry.substr(equals + 1));
    }
  }
  return selected;
}

}  // namespace glaux::plugins
