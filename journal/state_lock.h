#pragma once

#include <filesystem>
#include <tl/expected.hpp>

#include "journal/error.h"
#include "journal/files.h"

namespace glaux::journal {

// One writer per state directory: an flock(2) on <state>/LOCK, held as long as this object lives
// and given back by the kernel however the process ends. The file tells who holds it; its presence
// means nothing. Children do not inherit it across exec.
class StateLock {
 public:
  // kLocked names the holder: process id, command, and since when.
  [[nodiscard]] static tl::expected<StateLock, Error> acquire(
      const std::filesystem::path& state_directory);

 private:
  explicit StateLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace glaux::journal
