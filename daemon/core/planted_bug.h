#pragma once

#include <cstdint>

// Bugs on purpose, to see whether the simulation finds them (tests/simulation/planted_bugs.h). They
// exist only in builds with GLAUX_PLANTED_BUGS; in all others `isPlanted` is false when compiled,
// and nothing is left of them.
namespace glaux::core {

enum class PlantedBug : std::uint8_t {
  // the core
  kQuotaIsNotChecked,
  kReportsBehindAGapAreBelieved,
  kReportsAreCountedTwice,
  kCancelingIsDoneAtOnce,
  kTokensAreForgotten,
  kQueueIsForgottenAtTheEnd,
  kTerminationBeginsTwice,
  kUsageMayDecrease,
  kCodeIsNotSentAgain,
  kDeadlinesAreNotArmedAgain,
  kFailedSessionsHaveNoReason,
  kSnapshotsForgetTokens,
  // the engine
  kRepliesAreNotHeldBack,
  kEffectsAreNotHeldBack,
  kViewsFollowTheReplies,
  kTimeRunsBackwards,
  kViewsAreAheadOfThemselves,
  kCodeIsMixedUp,
  // recovery and supervision
  kViewsAreNotCaughtUp,
  kAcknowledgedTooFar,
  kLaunchedAgain,
  kForgottenTooEarly,
  kLeftoversAreNotSwept,
  kAdoptedPastAReport,
  kGoneWithoutBurial,
  kLostMeansGone,
  kRearmedDeadlinesAreLost,
  kKilledIsResumed,
  kResumedFromTheFirstReport,
  kResumedIsAskedNothing,
  kUnfinishedBurialIsForgotten,
  // the views
  kUsageReplacesTheTotal,
};
inline constexpr int kPlantedBugs = static_cast<int>(PlantedBug::kUsageReplacesTheTotal) + 1;

#ifdef GLAUX_PLANTED_BUGS
// The one bug that is there, chosen by the simulation; -1: none.
inline int planted_bug = -1;
inline bool isPlanted(PlantedBug bug) { return planted_bug == static_cast<int>(bug); }
#else
constexpr bool isPlanted(PlantedBug) { return false; }
#endif

}  // namespace glaux::core
