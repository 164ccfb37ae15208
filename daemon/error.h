#pragma once

#include <string>

namespace glaux::daemon {

/// A failure of the environment (a port in use, an executable missing, a descriptor limit), as
/// opposed to a refused request or a broken invariant. The message is complete enough to be shown
/// to the operator as it is: what was tried, on what, and what the system answered.
struct Error {
  std::string message;
};

}  // namespace glaux::daemon
