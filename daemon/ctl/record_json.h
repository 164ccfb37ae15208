#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>

#include "daemon/core/event_codec.h"
#include "journal/record.h"

// Records as `glauxctl journal dump` shows them.
namespace glaux::daemon {

// `request` is what the client sent, or why it cannot be shown. It is given as JSON if it is JSON,
// else as a string.
nlohmann::ordered_json toJson(const journal::Record& record, const core::RecordBody& body,
                              const tl::expected<std::string, std::string>& request);

// What is known of a record whose payload this binary cannot read, with the reason.
nlohmann::ordered_json unreadableToJson(const journal::Record& record, const std::string& reason);

// On one line. Bytes that are not UTF-8 become U+FFFD.
std::string toLine(const nlohmann::ordered_json& json);

}  // namespace glaux::daemon
