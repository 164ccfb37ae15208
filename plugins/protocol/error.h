#pragma once

#include <string>

namespace glaux::plugins {

// Why something outside this program failed. The message is a whole sentence's worth of context,
// fit for a log line: "manifest.json of plugin \"process\": executable is missing".
struct Error {
  std::string message;
};

}  // namespace glaux::plugins
