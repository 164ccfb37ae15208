#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/check/runner.h"
#include "plugins/protocol/error.h"

// What the user gets to see of the results.
namespace glaux::plugins::check {

// "ok      run/…", with the explanation behind what is not ok.
std::string lineOf(const CaseResult& result);

// A table of the groups, and a last line with the sums.
std::string tableOf(const std::vector<CaseResult>& results, std::chrono::milliseconds duration);

bool allPassed(const std::vector<CaseResult>& results);

// JUnit's XML, one test suite a group, for CI systems.
tl::expected<void, Error> writeJunit(const std::filesystem::path& file, const std::string& executor,
                                     const std::vector<CaseResult>& results);

}  // namespace glaux::plugins::check
