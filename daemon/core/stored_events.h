#pragma once

#include "daemon/core/events.capnp.h"
#include "daemon/core/events.h"

// Private to event_codec: one event at a time.
namespace glaux::core {

void writeEvent(const Event& event, stored::Event::Builder out);

// Raises kj::Exception if `in` is an event of a later version or malformed.
Event readEvent(stored::Event::Reader in);

}  // namespace glaux::core
