#pragma once

#include "api/work_groups.h"

namespace glaux::core {

// Carries out UpdateWorkGroup's ConfigurationUpdates: what is given replaces, Remove… takes away
// and wins over a value given beside it.
void update(api::WorkGroupConfiguration& configuration,
            const api::WorkGroupConfigurationUpdates& updates);

}  // namespace glaux::core
