#pragma once

#include <cstdint>
#include <span>

#include "daemon/core/planted_bug.h"

namespace glaux::simulation {

struct PlantedBugRow {
  core::PlantedBug bug;
  const char* name;
};

// Each is found in one of so many histories, from seed 1 on, in which so many daemons die.
inline constexpr std::uint64_t kFoundWithinSeeds = 200;
inline constexpr std::uint64_t kCrashesToFindIt = 40;

std::span<const PlantedBugRow> plantedBugs();

// Whether this build has them at all.
bool hasPlantedBugs();

// From now on this bug is there, and no other.
void plant(core::PlantedBug bug);

}  // namespace glaux::simulation
