#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "plugins/check/case.h"
#include "plugins/check/trial.h"

namespace glaux::plugins::check {

enum class Verdict { kOk, kFailed, kSkipped };

struct CaseResult {
  std::string group;
  std::string name;
  Verdict verdict = Verdict::kOk;
  std::string explanation;  // of what is not ok
  std::chrono::milliseconds duration{};

  std::string fullName() const { return group + "/" + name; }
};

// Runs the cases, first those that need the machine and then `jobs` at a time, each in a process of
// its own with a temporary directory of its own, so that one that hangs or crashes is one that
// failed. `on_result` is called as each ends; the answer has them in the order of the groups.
std::vector<CaseResult> runCases(const Subject& subject, const std::vector<Group>& groups,
                                 unsigned jobs,
                                 const std::function<void(const CaseResult&)>& on_result);

}  // namespace glaux::plugins::check
