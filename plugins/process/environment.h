#pragma once

#include <map>
#include <string>

namespace glaux::plugins {

// The variables of this process whose names match one of the patterns, which are separated by
// blanks: a name, or a prefix followed by '*'.
std::map<std::string, std::string> selectEnvironment(const std::string& patterns);

}  // namespace glaux::plugins
