#pragma once

#include <vector>

#include "daemon/core/commands.h"
#include "plugins/protocol/reports.h"

namespace glaux::daemon {

// Reports in the core's terms. Stops before the first one that names an id which is none: an
// executor that does not keep to the contract is not believed any further.
std::vector<core::Report> translateReports(const std::vector<plugins::Report>& reports);

}  // namespace glaux::daemon
