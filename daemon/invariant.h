#pragma once

#include <source_location>
#include <string_view>

namespace glaux::daemon {

/// Ends the process, in release builds too, after writing `what` and the caller's place to stderr.
/// For states that only a bug can reach: going on would act on memory nobody understands, and
/// everything acknowledged is on disk.
[[noreturn]] void brokenInvariant(std::string_view what,
                                  std::source_location where = std::source_location::current());

/// Ends the process as brokenInvariant() does unless `holds`.
inline void invariant(bool holds, std::string_view what,
                      std::source_location where = std::source_location::current()) {
  if (!holds) brokenInvariant(what, where);
}

}  // namespace glaux::daemon
