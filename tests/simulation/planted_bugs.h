#pragma once

#include <cstdint>
#include <span>

#include "daemon/core/planted_bug.h"

namespace glaux::simulation {

// A bug that was put in on purpose, and in how many histories, from seed 1 on and with 40 deaths
// each, the simulation finds it at the latest.
struct PlantedBugRow {
  core::PlantedBug bug;
  const char* name;
  std::uint64_t found_within;
};

std::span<const PlantedBugRow> plantedBugs();

// Whether this build has them at all.
bool hasPlantedBugs();

// From now on this bug is there, and no other.
void plant(core::PlantedBug bug);

}  // namespace glaux::simulation
