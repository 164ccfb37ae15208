#pragma once

#include <span>
#include <string_view>

namespace glaux::core {

inline constexpr std::string_view kPrimaryWorkGroup = "primary";

// What a workgroup may select.
std::span<const std::string_view> engineVersions();

// What runs if it is selected: itself, but for AUTO.
std::string_view effectiveEngineVersion(std::string_view selected);

// Sessions need a Spark engine; AUTO means the SQL engine, as on AWS.
bool isSparkEngine(std::string_view engine_version);

}  // namespace glaux::core
