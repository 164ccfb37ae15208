#pragma once

#include <string_view>

namespace glaux::daemon {

/// Whether a list of entity tags, as in If-Match, names this one; "*" names every. Comparison is
/// weak: tags that differ in their weakness only are the same. (RFC 9110, section 13.1)
bool listsTag(std::string_view list, std::string_view tag);

}  // namespace glaux::daemon
