#pragma once

#include <cstdio>

#include "journal/error.h"

// How glauxctl ends.
namespace glaux::daemon {

inline constexpr int kExitOk = 0;
inline constexpr int kExitProblems = 1;
inline constexpr int kExitUsage = 2;

// Says on stderr why a journal cannot be opened. That there is none in the directory is taken for
// a misspelt argument.
inline int cannotOpen(const journal::Error& error) {
  std::fprintf(stderr, "glauxctl: %s\n", error.message.c_str());
  return error.kind == journal::Error::Kind::kNotFound ? kExitUsage : kExitProblems;
}

}  // namespace glaux::daemon
