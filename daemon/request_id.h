#pragma once

#include <string>

#include "daemon/core/ids.h"
#include "daemon/entropy.h"

namespace glaux::daemon {

// Names one request in its response, its record and the log.
inline std::string newRequestId(Entropy& entropy) {
  core::IdBytes bytes;
  entropy.fill(bytes);
  return core::idText(bytes);
}

}  // namespace glaux::daemon
