#include "daemon/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace glaux::daemon {

void brokenInvariant(std::string_view what, std::source_location where) {
  std::fprintf(stderr, "glaux: broken invariant: %.*s (%s:%u, %s)\n", static_cast<int>(what.size()),
               what.data(), where.file_name(), static_cast<unsigned>(where.line()),
               where.function_name());
  std::abort();
}

}  // namespace glaux::daemon
