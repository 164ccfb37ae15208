#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "plugins/protocol/error.h"

// Which process is which: `identity.json` of a session directory names the session's executor.
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

// Of another process that runs, for instance a child, in a file of any name.
tl::expected<void, Error> writeIdentity(const std::filesystem::path& file, std::uint32_t pid,
                                        const std::string& session_id);

// An error means the executor died before it could say who it is, or the file is not of its making.
tl::expected<ProcessIdentity, Error> readIdentity(const std::filesystem::path& session_directory);

tl::expected<ProcessIdentity, Error> readIdentityFile(const std::filesystem::path& file);

// Whether the machine has not been restarted since.
bool isOfThisBoot(const ProcessIdentity& identity);

// Whether that very process still runs (a zombie does not), on this boot of this machine.
bool isAlive(const ProcessIdentity& identity);

// Whether the identity's pid now means, or may mean, another process than it did: it is another's,
// or the machine was booted since.
bool isOfAnother(const ProcessIdentity& identity);

}  // namespace glaux::plugins
