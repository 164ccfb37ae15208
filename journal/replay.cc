#include "journal/replay.h"

namespace glaux::journal {
namespace {

std::string_view verdict(Problem::Kind kind) {
  switch (kind) {
    case Problem::Kind::kMissing:
      return "missing";
    case Problem::Kind::kBadHash:
      return "not what was written";
    case Problem::Kind::kUndecodable:
      return "not a record";
    case Problem::Kind::kNewerFormat:
      return "written by a newer glaux";
    case Problem::Kind::kUnreadable:
      return "unreadable";
    case Problem::Kind::kDamagedSnapshot:
      return "damaged";
  }
  return "";
}

}  // namespace

std::string describe(const Problem& problem) {
  std::string text = problem.kind == Problem::Kind::kDamagedSnapshot
                         ? "snapshot through record " + std::to_string(problem.first)
                     : problem.first == problem.last ? "record " + std::to_string(problem.first)
                                                     : "records " + std::to_string(problem.first) +
                                                           " to " + std::to_string(problem.last);
  text += ": ";
  text += verdict(problem.kind);
  if (!problem.detail.empty()) text += " (" + problem.detail + ")";
  return text;
}

Scan StopAtFirstProblem::report(const Problem& problem) {
  if (!problem_) problem_ = problem;
  return Scan::kStop;
}

}  // namespace glaux::journal
