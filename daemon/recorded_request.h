#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>

#include "daemon/core/event_codec.h"
#include "journal/journal.h"

namespace glaux::daemon {

// The request of a record as its client sent it, from the record or from its blob.
tl::expected<std::string, std::string> requestOf(const journal::Journal& journal,
                                                 const core::RecordBody& body);

// The code that the StartCalculationExecution in the record `sequence` asked for: its code block,
// or what the object that it named held at that moment.
tl::expected<std::string, std::string> codeOfRecord(const journal::Journal& journal,
                                                    std::uint64_t sequence);

}  // namespace glaux::daemon
