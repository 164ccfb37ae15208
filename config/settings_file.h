// The settings file: JSON with // and /* */ comments, groups as objects.
#pragma once

#include <string>
#include <vector>

#include "config/assignment.h"

namespace glaux::config {

// Everything the file gives, in its order, each with the line it stands on. A file that cannot be
// read or is not JSON, and a setting given twice, are problems.
std::vector<Assignment> readSettingsFile(const std::string& path, std::vector<Problem>& problems);

}  // namespace glaux::config
