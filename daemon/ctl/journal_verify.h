#pragma once

#include <filesystem>

namespace glaux::daemon {

// `glauxctl journal verify`: checks everything in a state directory against everything else, and
// lists on stdout what does not fit, one line each, and at the end the sums. Reads only; what it
// rebuilds lies in a temporary directory meanwhile. Returns the exit code.
//
// To be called before this process has opened any journal.
int verifyJournal(const std::filesystem::path& state_directory);

}  // namespace glaux::daemon
