#include "tests/simulation/planted_bugs.h"

#include <iterator>

namespace glaux::simulation {
namespace {

using core::PlantedBug;

constexpr PlantedBugRow kPlantedBugRows[] = {
    {PlantedBug::kQuotaIsNotChecked, "quota-is-not-checked", 50},
    {PlantedBug::kReportsBehindAGapAreBelieved, "reports-behind-a-gap-are-believed", 50},
    {PlantedBug::kReportsAreCountedTwice, "reports-are-counted-twice", 50},
    {PlantedBug::kCancelingIsDoneAtOnce, "canceling-is-done-at-once", 50},
    {PlantedBug::kTokensAreForgotten, "tokens-are-forgotten", 50},
    {PlantedBug::kQueueIsForgottenAtTheEnd, "queue-is-forgotten-at-the-end", 50},
    {PlantedBug::kTerminationBeginsTwice, "termination-begins-twice", 50},
    {PlantedBug::kUsageMayDecrease, "usage-may-decrease", 50},
    {PlantedBug::kCodeIsNotSentAgain, "code-is-not-sent-again", 50},
    {PlantedBug::kDeadlinesAreNotArmedAgain, "deadlines-are-not-armed-again", 50},
    {PlantedBug::kFailedSessionsHaveNoReason, "failed-sessions-have-no-reason", 50},
    {PlantedBug::kSnapshotsForgetTokens, "snapshots-forget-tokens", 50},
    {PlantedBug::kRepliesAreNotHeldBack, "replies-are-not-held-back", 50},
    {PlantedBug::kEffectsAreNotHeldBack, "effects-are-not-held-back", 50},
    {PlantedBug::kViewsFollowTheReplies, "views-follow-the-replies", 50},
    {PlantedBug::kTimeRunsBackwards, "time-runs-backwards", 50},
    {PlantedBug::kViewsAreAheadOfThemselves, "views-are-ahead-of-themselves", 50},
    {PlantedBug::kCodeIsMixedUp, "code-is-mixed-up", 50},
    {PlantedBug::kViewsAreNotCaughtUp, "views-are-not-caught-up", 50},
    {PlantedBug::kAcknowledgedTooFar, "acknowledged-too-far", 50},
    {PlantedBug::kLaunchedAgain, "launched-again", 50},
    {PlantedBug::kForgottenTooEarly, "forgotten-too-early", 50},
    {PlantedBug::kLeftoversAreNotSwept, "leftovers-are-not-swept", 50},
    {PlantedBug::kAdoptedPastAReport, "adopted-past-a-report", 50},
    {PlantedBug::kGoneWithoutBurial, "gone-without-burial", 50},
    {PlantedBug::kLostMeansGone, "lost-means-gone", 50},
    {PlantedBug::kRearmedDeadlinesAreLost, "rearmed-deadlines-are-lost", 50},
    {PlantedBug::kUsageReplacesTheTotal, "usage-replaces-the-total", 50},
};
static_assert(std::size(kPlantedBugRows) == core::kPlantedBugs);

}  // namespace

std::span<const PlantedBugRow> plantedBugs() { return kPlantedBugRows; }

#ifdef GLAUX_PLANTED_BUGS
bool hasPlantedBugs() { return true; }
void plant(core::PlantedBug bug) { core::planted_bug = static_cast<int>(bug); }
#else
bool hasPlantedBugs() { return false; }
void plant(core::PlantedBug) {}
#endif

}  // namespace glaux::simulation
