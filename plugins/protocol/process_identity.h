#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "plugins/protocol/error.h"

// `identity.json` of a session directory: which process the session's executor is.
namespace glaux::plugins {

// Names one process for ever: a pid is given again, but not with the same start time and boot.
struct ProcessIdentity {
  std::uint32_t pid = 0;
  std::uint64_t start_time_ticks = 0;  // since boot
  std::string boot_id;
  std::string session_id;
};

// Of the calling process, atomically: a reader finds no file or a whole one.
tl::expected<void, Error> writeIdentity(const std::filesystem::path& session_directory,
                                        const std::string& session_id);

// An error means the executor died before it could say who it is, or the file is not of its making.
tl::expected<ProcessIdentity, Error> readIdentity(const std::filesystem::path& session_directory);

// Whether that very process still runs (a zombie does not), on this boot of this machine.
bool isAlive(const ProcessIdentity& identity);

// Whether the identity's pid now means, or may mean, another process than it did: it is another's,
// or the machine was booted since.
bool isOfAnother(const ProcessIdentity& identity);

}  // namespace glaux::plugins
