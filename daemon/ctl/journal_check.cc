#include "daemon/ctl/journal_check.h"

#include <memory>
#include <optional>
#include <string>

#include "daemon/core/event_codec.h"
#include "daemon/core/state.h"
#include "daemon/core/state_codec.h"
#include "journal/journal.h"

namespace glaux::daemon {
namespace {

using journal::Record;
using journal::Scan;

constexpr const char* kRestore = "; restore the journal from a backup";
constexpr const char* kUseNewer = "; use the glauxctl of the glaux that wrote it";

using OpenedJournal = tl::expected<std::unique_ptr<journal::Journal>, journal::Error>;

OpenedJournal openReadOnly(const std::filesystem::path& state_directory) {
  return journal::Journal::open(
      {.directory = state_directory, .access = journal::Access::kReadOnly});
}

// ---- records

class RecordsCheck final : public journal::Reporter {
 public:
  RecordsCheck(const journal::Journal& journal, CheckReport& report)
      : journal_(journal), report_(report) {}

  Scan report(const journal::Problem& problem) override {
    const bool is_newer = problem.kind == journal::Problem::Kind::kNewerFormat;
    report_.problem(describe(problem) + (is_newer ? kUseNewer : kRestore));
    return Scan::kContinue;
  }

  Scan visit(const Record& record) {
    report_.at(record.sequence, journal_.lastSequence());
    report_.countRecord();
    if (record.kind == core::kRecordKind) {
      checkBody(record);
    } else if (!record.skippable) {
      problem(record, "is of kind " + std::to_string(record.kind) +
                          ", which this version does not know" + kUseNewer);
    }
    return Scan::kContinue;
  }

 private:
  void checkBody(const Record& record) {
    const auto body = core::decodeRecord(record.payload);
    if (!body) return problem(record, "cannot be decoded (" + body.error() + ")" + kUseNewer);
    if (body->request_blob) checkBlob(record, journal::Hash{*body->request_blob});
  }

  void checkBlob(const Record& record, const journal::Hash& digest) {
    const auto blob = journal_.readBlob(digest);
    if (!blob) return problem(record, "its request is damaged: " + blob.error().message + kRestore);
    if (!*blob) problem(record, "its request, blob " + digest.hex() + ", is missing" + kRestore);
  }

  void problem(const Record& record, const std::string& what) {
    report_.problem("record " + std::to_string(record.sequence) + ": " + what);
  }

  const journal::Journal& journal_;
  CheckReport& report_;
};

void checkHead(const journal::OpenReport& opened, CheckReport& report) {
  if (opened.lost_tail) report.problem("HEAD: " + opened.lost_tail->message);
  if (opened.head_missing && opened.last_sequence > 0) {
    report.remark(
        "there is no HEAD, so records missing at the end would not be noticed; glauxd writes it "
        "anew when it starts");
  }
}

// ---- state

class ReportSnapshots final : public journal::Reporter {
 public:
  explicit ReportSnapshots(CheckReport& report) : report_(report) {}

  Scan report(const journal::Problem& problem) override {
    report_.problem(describe(problem) +
                    "; glauxd passes over it and starts more slowly, until it writes the next");
    return Scan::kContinue;
  }

 private:
  CheckReport& report_;
};

// The names of the parts in which the two differ.
std::string differences(const core::State& left, const core::State& right) {
  std::string names;
  const auto compare = [&names](const char* name, const auto& a, const auto& b) {
    if (a == b) return;
    names += names.empty() ? name : std::string(", ") + name;
  };
  compare("sequence", left.sequence, right.sequence);
  compare("workgroups", left.work_groups, right.work_groups);
  compare("sessions", left.sessions, right.sessions);
  compare("calculations", left.calculations, right.calculations);
  compare("ended sessions", left.ended_sessions, right.ended_sessions);
  compare("ended calculations", left.ended_calculations, right.ended_calculations);
  compare("tokens", left.tokens, right.tokens);
  compare("order of tokens", left.tokens_by_expiry, right.tokens_by_expiry);
  compare("DPUs in use", left.dpus_in_use, right.dpus_in_use);
  return names.empty() ? "encoding only" : names;
}

class StateCheck {
 public:
  StateCheck(const journal::Journal& journal, std::optional<journal::Snapshot> snapshot,
             CheckReport& report)
      : journal_(journal), snapshot_(std::move(snapshot)), report_(report) {}

  Scan visit(const Record& record) {
    report_.at(record.sequence, journal_.lastSequence());
    if (!apply(record)) return Scan::kStop;
    if (snapshot_ && snapshot_->through == record.sequence) compareSnapshot();
    return Scan::kContinue;
  }

  const core::State& state() const { return state_; }

 private:
  bool apply(const Record& record) {
    const core::RecordPosition at{record.sequence, core::Timestamp{record.time_ms}};
    if (record.kind == core::kRecordKind) {
      const auto visited = core::visitEvents(
          record.payload, [&](const core::Event& event) { core::apply(state_, at, event); });
      if (!visited) return false;
    } else if (!record.skippable) {
      return false;
    }
    applyRecordEnd(state_, at);
    return true;
  }

  void compareSnapshot() {
    const std::string place = "snapshot through record " + std::to_string(snapshot_->through);
    if (snapshot_->version != core::kStateCodecVersion) {
      return report_.remark(place + ": of another version; glauxd replays all records instead");
    }
    const auto stored = core::decodeState(snapshot_->bytes);
    if (!stored) {
      return report_.problem(place + ": cannot be decoded (" + stored.error() +
                             "); glauxd passes over it and replays all records");
    }
    if (*stored == state_ && encodeState(state_) == snapshot_->bytes) return;
    report_.problem(place + ": is not the state that the records give (" +
                    differences(*stored, state_) +
                    "); the records are right: stop glauxd and remove the rows 0 and 1 of column "
                    "family snapshots with RocksDB's ldb");
  }

  const journal::Journal& journal_;
  const std::optional<journal::Snapshot> snapshot_;
  CheckReport& report_;
  core::State state_;
};

}  // namespace

tl::expected<void, journal::Error> checkRecords(const std::filesystem::path& state_directory,
                                                CheckReport& report) {
  const OpenedJournal journal = openReadOnly(state_directory);
  if (!journal) return tl::unexpected(journal.error());
  RecordsCheck check(**journal, report);
  const auto end = (*journal)->replay(
      1, [&](const Record& record) { return check.visit(record); }, check);
  if (!end) return tl::unexpected(end.error());
  checkHead((*journal)->openReport(), report);
  return {};
}

tl::expected<void, journal::Error> checkState(const std::filesystem::path& state_directory,
                                              CheckReport& report) {
  const OpenedJournal journal = openReadOnly(state_directory);
  if (!journal) return tl::unexpected(journal.error());
  ReportSnapshots snapshots(report);
  auto snapshot = (*journal)->latestSnapshot(snapshots);
  if (!snapshot) return tl::unexpected(snapshot.error());

  StateCheck check(**journal, std::move(*snapshot), report);
  journal::StopAtFirstProblem stop;
  const auto end = (*journal)->replay(
      1, [&](const Record& record) { return check.visit(record); }, stop);
  if (!end) return tl::unexpected(end.error());
  if (check.state().sequence < (*journal)->lastSequence()) {
    report.remark("the state was checked through record " + std::to_string(check.state().sequence) +
                  " only, because the next one is not sound");
  }
  return {};
}

}  // namespace glaux::daemon
