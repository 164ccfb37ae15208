#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "journal/record.h"

// The vocabulary of Journal::replay: what it calls, what it reports, how it ends.
namespace glaux::journal {

// What a callback wants of the scan that called it.
enum class Scan { kContinue, kStop };

// Something in the journal that is not as it was written. Found while reading; what to do about it
// is the caller's decision (a starting daemon stops, `verify` lists them all).
struct Problem {
  enum class Kind {
    kMissing,          // records `first` to `last` are not there
    kBadHash,          // the record's bytes do not have its leaf hash
    kUndecodable,      // the record's bytes are not a record
    kNewerFormat,      // the record was written by a later version
    kUnreadable,       // a file is damaged; records `first` to `last` cannot be read
    kDamagedSnapshot,  // the snapshot through `first` is damaged and was passed over
  };

  Kind kind;
  Sequence first;
  Sequence last;       // equals `first` unless a range is concerned
  std::string detail;  // for people: what was expected, which file
};

// One line for the operator: the sequences, what is wrong, the detail.
std::string describe(const Problem& problem);

// Receives problems in the order of their sequences, on the thread that reads.
class Reporter {
 public:
  virtual ~Reporter() = default;
  // kContinue steps over what the problem concerns; kStop ends the reading there.
  virtual Scan report(const Problem& problem) = 0;
};

// The policy of everybody who needs the whole truth: stop at the first problem, and keep it.
class StopAtFirstProblem : public Reporter {
 public:
  Scan report(const Problem& problem) override;
  const std::optional<Problem>& problem() const { return problem_; }

 private:
  std::optional<Problem> problem_;
};

// Called for every sound record in order. The record's payload is valid during the call only.
using Visitor = std::function<Scan(const Record&)>;

struct ReplayEnd {
  enum class Reason {
    kEndOfJournal,  // everything that was durable when the replay began has been passed
    kVisitor,       // the visitor stopped it
    kReporter,      // the reporter stopped it, at a problem
  };

  Reason reason;
  Sequence next;           // where another replay would go on
  std::uint64_t records;   // how many the visitor saw
  std::uint64_t problems;  // how many the reporter saw
};

}  // namespace glaux::journal
