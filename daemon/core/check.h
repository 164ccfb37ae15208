#pragma once

#include <cstdio>
#include <cstdlib>

namespace glaux::core {

// A broken invariant ends the process, in every build: a daemon that no longer knows what is true
// must not go on writing it down.
inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "glaux: broken invariant: %s\n", what);
  std::abort();
}

}  // namespace glaux::core
