#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>

#include "daemon/ctl/record_filter.h"

namespace glaux::daemon {

struct DumpOptions {
  std::filesystem::path state_directory;
  RecordCriteria criteria;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
};

// `glauxctl journal dump`: one line of JSON for each record that meets the criteria, oldest first,
// written to `out` as it is read. A record that is damaged is named on stderr and stepped over.
// Ends early, and in order, when `out` is a pipe that nobody reads any more (SIGPIPE is ignored by
// the caller). Returns the exit code.
int dumpJournal(const DumpOptions& options, std::FILE* out);

}  // namespace glaux::daemon
