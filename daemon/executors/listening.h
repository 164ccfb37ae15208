#pragma once

#include <optional>
#include <string>

namespace glaux::daemon {

// Why nobody listens on this unix socket; nothing if somebody does. Does not wait: of a server that
// is there, but slow, nothing is said against it. Any thread.
std::optional<std::string> whyNobodyListens(const std::string& socket);

}  // namespace glaux::daemon
