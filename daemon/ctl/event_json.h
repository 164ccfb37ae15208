#pragma once

#include <nlohmann/json_fwd.hpp>

#include "daemon/core/events.h"

namespace glaux::daemon {

// An event as people and scripts read it: "type" and then the event's members under their own names
// in lowerCamelCase. Ids are UUID text, times ISO 8601, digests hexadecimal, and the API's own
// structures look as they do on the wire. Members without a value are left out.
nlohmann::ordered_json toJson(const core::Event& event);

}  // namespace glaux::daemon
