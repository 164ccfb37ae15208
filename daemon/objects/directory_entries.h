#pragma once

#include <optional>
#include <string>
#include <vector>

namespace glaux::daemon {

struct DirectoryEntry {
  std::string name;
  bool is_directory;
};

/// The regular files and directories of an open directory, in no order; what else there is (links,
/// FIFOs, "." and "..") is left out. nullopt if it cannot be read, errno says why. Reads from where
/// the descriptor's position is, so each descriptor is good for one call.
std::optional<std::vector<DirectoryEntry>> readDirectory(int fd);

}  // namespace glaux::daemon
