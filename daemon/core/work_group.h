#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace glaux::core {

struct Policy;

inline constexpr std::string_view kPrimaryWorkGroup = "primary";

// What a workgroup may select: the service's own versions, then those of the settings.
std::vector<std::string> engineVersions(const Policy& policy);
bool hasEngineVersion(const Policy& policy, std::string_view engine_version);

// One of the service's own, which cannot go away.
bool isBuiltInEngine(std::string_view engine_version);

// What runs if it is selected: itself, but for AUTO.
std::string_view effectiveEngineVersion(std::string_view selected);

// Sessions need a Spark engine, which those of the settings are; AUTO means the SQL engine, as on
// AWS.
bool isSparkEngine(std::string_view engine_version);

}  // namespace glaux::core
