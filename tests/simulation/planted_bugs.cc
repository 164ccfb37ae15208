#include "tests/simulation/planted_bugs.h"

#include <iterator>

namespace glaux::simulation {
namespace {

using core::PlantedBug;

constexpr PlantedBugRow kPlantedBugRows[] = {
    {PlantedBug::kQuotaIsNotChecked, "quota-is-not-checked"},
    {PlantedBug::kReportsBehindAGapAreBelieved, "reports-behind-a-gap-are-believed"},
    {PlantedBug::kReportsAreCountedTwice, "reports-are-counted-twice"},
    {PlantedBug::kCancelingIsDoneAtOnce, "canceling-is-done-at-once"},
    {PlantedBug::kTokensAreForgotten, "tokens-are-forgotten"},
    {PlantedBug::kQueueIsForgottenAtTheEnd, "queue-is-forgotten-at-the-end"},
    {PlantedBug::kTerminationBeginsTwice, "termination-begins-twice"},
    {PlantedBug::kUsageMayDecrease, "usage-may-decrease"},
    {PlantedBug::kCodeIsNotSentAgain, "code-is-not-sent-again"},
    {PlantedBug::kDeadlinesAreNotArmedAgain, "deadlines-are-not-armed-again"},
    {PlantedBug::kFailedSessionsHaveNoReason, "failed-sessions-have-no-reason"},
    {PlantedBug::kSnapshotsForgetTokens, "snapshots-forget-tokens"},
    {PlantedBug::kRepliesAreNotHeldBack, "replies-are-not-held-back"},
    {PlantedBug::kEffectsAreNotHeldBack, "effects-are-not-held-back"},
    {PlantedBug::kViewsFollowTheReplies, "views-follow-the-replies"},
    {PlantedBug::kTimeRunsBackwards, "time-runs-backwards"},
    {PlantedBug::kViewsAreAheadOfThemselves, "views-are-ahead-of-themselves"},
    {PlantedBug::kCodeIsMixedUp, "code-is-mixed-up"},
    {PlantedBug::kViewsAreNotCaughtUp, "views-are-not-caught-up"},
    {PlantedBug::kAcknowledgedTooFar, "acknowledged-too-far"},
    {PlantedBug::kLaunchedAgain, "launched-again"},
    {PlantedBug::kForgottenTooEarly, "forgotten-too-early"},
    {PlantedBug::kLeftoversAreNotSwept, "leftovers-are-not-swept"},
    {PlantedBug::kAdoptedPastAReport, "adopted-past-a-report"},
    {PlantedBug::kGoneWithoutBurial, "gone-without-burial"},
    {PlantedBug::kLostMeansGone, "lost-means-gone"},
    {PlantedBug::kRearmedDeadlinesAreLost, "rearmed-deadlines-are-lost"},
    {PlantedBug::kKilledIsResumed, "killed-is-resumed"},
    {PlantedBug::kResumedFromTheFirstReport, "resumed-from-the-first-report"},
    {PlantedBug::kResumedIsAskedNothing, "resumed-is-asked-nothing"},
    {PlantedBug::kUnfinishedBurialIsForgotten, "unfinished-burial-is-forgotten"},
    {PlantedBug::kUsageReplacesTheTotal, "usage-replaces-the-total"},
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
