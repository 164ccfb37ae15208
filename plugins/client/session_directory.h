#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/error.h"
#include "plugins/protocol/reports.h"

// What an executor leaves in its session directory, for a daemon that comes back and may find the
// executor alive, dead, or another process with its pid.
namespace glaux::plugins {

// `identity.json`: names one process for ever.
struct ProcessIdentity {
  std::uint32_t pid = 0;
  std::uint64_t start_time_ticks = 0;
  std::string boot_id;
  std::string session_id;
};

// An error means the executor died before it could say who it is, or the file is not of its making.
tl::expected<ProcessIdentity, Error> readIdentity(const std::filesystem::path& session_directory);

// Whether that very process still runs (a zombie does not), on this boot of this machine.
bool isAlive(const ProcessIdentity& identity);

// The unacknowledged reports of an executor that is dead, in order: what it could not deliver. A
// missing spool is an empty one. A last report that was cut short is left out.
tl::expected<std::vector<Report>, Error> readSpool(const std::filesystem::path& session_directory);

}  // namespace glaux::plugins
