#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "daemon/ctl/progress.h"

namespace glaux::daemon {

// What the checks found so far. Lies in memory that a check's process shares with its parent, which
// learns from it how far a check came that broke off.
struct Tally {
  std::uint64_t problems = 0;
  std::uint64_t records = 0;  // sound ones
  std::uint64_t at = 0;       // the record that is being looked at
};

// Where a check of `journal verify` tells what it finds: problems and remarks on stdout, one line
// each; progress on stderr.
class CheckReport {
 public:
  // `what` is checked: "records". `began` is when the whole verification did.
  CheckReport(Tally& tally, std::string what, Progress::Clock::time_point began)
      : tally_(tally), progress_("checking " + std::move(what), began) {}

  // Something is not as it ought to be: the place, what is wrong, what to do.
  void problem(const std::string& line);
  // Something the reader of the result ought to know, and no problem.
  void remark(const std::string& line);

  // The check comes to record `sequence` of `last`.
  void at(std::uint64_t sequence, std::uint64_t last) {
    tally_.at = sequence;
    progress_.at(sequence, last);
  }
  void countRecord() { ++tally_.records; }

 private:
  Tally& tally_;
  Progress progress_;
};

}  // namespace glaux::daemon
