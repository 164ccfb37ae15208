#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace glaux::journal {

// Ends the process if an invariant is broken, in release builds too: going on would write nonsense
// into a journal that is kept for ever.
inline void require(bool holds, const char* message,
                    std::source_location where = std::source_location::current()) {
  if (holds) [[likely]]
    return;
  std::fprintf(stderr, "%s:%u: %s\n", where.file_name(), static_cast<unsigned>(where.line()),
               message);
  std::abort();
}

}  // namespace glaux::journal
