#pragma once

#include <string_view>

namespace glaux::core {

inline constexpr std::string_view kPrimaryWorkGroup = "primary";

// Sessions need a Spark engine; AUTO means the SQL engine, as on AWS.
bool isSparkEngine(std::string_view engine_version);

}  // namespace glaux::core
