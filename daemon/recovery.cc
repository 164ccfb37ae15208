#include "daemon/recovery.h"

#include <algorithm>
#include <optional>

#include "daemon/core/event_codec.h"
#include "daemon/core/planted_bug.h"
#include "daemon/core/state_codec.h"

namespace glaux::daemon {
namespace {

constexpr std::uint64_t kRecordsPerViewCommit = 10'000;
constexpr std::uint64_t kRecordsPerProgress = 250'000;

Error journalError(const journal::Error& error) { return Error{error.message}; }

// A damaged or foreign snapshot only costs time.
class IgnoreProblems final : public journal::Reporter {
 public:
  journal::Scan report(const journal::Problem&) override { return journal::Scan::kContinue; }
};

tl::expected<core::State, Error> stateOfSnapshot(const journal::Journal& journal) {
  IgnoreProblems ignore;
  auto snapshot = journal.latestSnapshot(ignore);
  if (!snapshot) return tl::unexpected(journalError(snapshot.error()));
  if (!*snapshot || (*snapshot)->version != core::kStateCodecVersion) return core::State{};
  auto state = core::decodeState((*snapshot)->bytes);
  if (!state || state->sequence != (*snapshot)->through) return core::State{};
  return std::move(*state);
}

// Feeds each record's events to the state and to the views, each from where it stands.
class Replay {
 public:
  Replay(core::State& state, Views& views, std::uint64_t views_through)
      : state_(state), views_(views), views_through_(views_through) {}

  journal::Scan visit(const journal::Record& record) {
    core::RecordPosition at{record.sequence, core::Timestamp{record.time_ms}};
    bool to_state = record.sequence > state_.sequence;
    bool to_views =
        record.sequence > views_through_ && !isPlanted(core::PlantedBug::kViewsAreNotCaughtUp);
    if (record.kind == core::kRecordKind) {
      auto visited = core::visitEvents(record.payload, [&](const core::Event& event) {
        if (to_state) apply(state_, at, event);
        if (to_views) views_.project(at, event);
      });
      if (!visited) return stop(record, visited.error());
    } else if (!record.skippable) {
      return stop(record, "it is of a kind that this version does not know");
    }
    if (to_state) applyRecordEnd(state_, at);
    if (to_views) views_through_ = record.sequence;
    if (++uncommitted_ < kRecordsPerViewCommit) return journal::Scan::kContinue;
    return commitViews() ? journal::Scan::kContinue : journal::Scan::kStop;
  }

  bool commitViews() {
    uncommitted_ = 0;
    auto committed = views_.commit(views_through_);
    if (!committed) failure_ = journalError(committed.error());
    return committed.has_value();
  }

  const std::optional<Error>& failure() const { return failure_; }

 private:
  journal::Scan stop(const journal::Record& record, const std::string& why) {
    failure_ = Error{"record " + std::to_string(record.sequence) + " cannot be read: " + why};
    return journal::Scan::kStop;
  }

  core::State& state_;
  Views& views_;
  std::uint64_t views_through_;
  std::uint64_t uncommitted_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

tl::expected<Restored, Error> restore(const journal::Journal& journal, Views& views,
                                      const ReplayProgress& progress) {
  Restored restored;
  auto state = stateOfSnapshot(journal);
  if (!state) return tl::unexpected(std::move(state.error()));
  restored.state = std::move(*state);
  restored.snapshot = restored.state.sequence;
  auto views_through = views.open(journal.lastSequence());
  if (!views_through) return tl::unexpected(journalError(views_through.error()));
  restored.views_rebuilt = *views_through == 0 && journal.lastSequence() > 0;

  Replay replay(restored.state, views, *views_through);
  journal::StopAtFirstProblem reporter;
  std::uint64_t from = std::min(restored.snapshot, *views_through) + 1;
  auto end = journal.replay(
      from,
      [&](const journal::Record& record) {
        if (record.sequence % kRecordsPerProgress == 0)
          progress(record.sequence, journal.lastSequence());
        return replay.visit(record);
      },
      reporter);
  if (!end) return tl::unexpected(journalError(end.error()));
  if (reporter.problem()) return tl::unexpected(Error{describe(*reporter.problem())});
  if (!replay.failure()) replay.commitViews();
  if (replay.failure()) return tl::unexpected(*replay.failure());
  restored.replayed = end->records;
  auto last = journal.read(journal.lastSequence());
  if (!last) return tl::unexpected(journalError(last.error()));
  if (*last) restored.last_time.ms = (*last)->time_ms;
  return restored;
}

}  // namespace glaux::daemon
