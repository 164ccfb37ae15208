#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/error.h"

namespace glaux::plugins {

// What a session's container is made of: the settings that docs/containers.md explains, read and
// checked.
struct ContainerSettings {
  enum class Pull { kMissing, kAlways, kNever };

  std::string socket;
  std::string image;
  Pull pull = Pull::kMissing;
  std::string command;
  std::string network;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  double dpu_cpus = 0;
  std::uint64_t dpu_memory_mib = 0;
  std::uint64_t pids = 0;
  std::uint64_t tmp_mib = 0;
  std::uint64_t open_files = 0;
  std::uint64_t user_processes = 0;

  static tl::expected<ContainerSettings, Error> read(
      const std::map<std::string, std::string>& settings);
};

// What a session of so many DPUs may use, never more than this machine has.
struct Limits {
  double cpus = 0;
  std::uint64_t memory_mib = 0;
};
Limits limitsOf(const ContainerSettings& settings, std::uint32_t dpus);

// The session's directories as the kernel sees them.
inline constexpr const char* kSharedInside = "/session";

// ContainerCreate of the Docker Engine API, as JSON. `shared` is the host's directory for both.
struct ContainerPlan {
  const ContainerSettings& settings;
  const Bootstrap& bootstrap;
  Limits limits;
  std::string shared;
  std::map<std::string, std::string> environment;
};
std::string specificationOf(const ContainerPlan& plan, const std::vector<std::string>& argv);

inline constexpr const char* kSessionLabel = "glaux.session";
inline constexpr const char* kInstanceLabel = "glaux.instance";

}  // namespace glaux::plugins
