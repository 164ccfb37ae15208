#include "daemon/ctl/views_check.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/core/event_codec.h"
#include "daemon/core/ids.h"
#include "daemon/projections/bytes.h"
#include "daemon/projections/views.h"
#include "journal/hash.h"
#include "journal/journal.h"

namespace glaux::daemon {
namespace {

using journal::Record;
using journal::Scan;
using journal::Tables;

using Done = tl::expected<void, journal::Error>;
using OpenedJournal = tl::expected<std::unique_ptr<journal::Journal>, journal::Error>;

constexpr std::uint64_t kRecordsPerCommit = 1000;

// Where Views keeps what it knows of itself.
constexpr const char* kMeta = "views";
constexpr const char* kCheckpoint = "checkpoint";
constexpr const char* kVersion = "version";

std::string adviceToRebuild(const std::filesystem::path& tables_directory) {
  return "; stop glauxd and remove " + tables_directory.string() + ", it rebuilds the views";
}

// ---- the stored views

tl::expected<std::optional<std::uint64_t>, journal::Error> metaNumber(const Tables& tables,
                                                                      const char* key) {
  auto value = tables.get(kMeta, key);
  if (!value) return tl::unexpected(std::move(value.error()));
  if (!*value || (*value)->size() != sizeof(std::uint64_t)) return std::nullopt;
  return readBigEndian64(**value);
}

tl::expected<bool, journal::Error> isEmpty(const Tables& tables) {
  bool is_empty = true;
  for (const std::string& table : Views::tableNames()) {
    auto scanned = tables.scan(table, "", "", [&](std::string_view, std::string_view) {
      is_empty = false;
      return Scan::kStop;
    });
    if (!scanned) return tl::unexpected(std::move(scanned.error()));
  }
  return is_empty;
}

// What the stored views say of themselves.
struct Claim {
  std::optional<std::uint64_t> version;
  std::optional<std::uint64_t> checkpoint;
};

tl::expected<Claim, journal::Error> claimOf(const Tables& tables) {
  auto version = metaNumber(tables, kVersion);
  if (!version) return tl::unexpected(std::move(version.error()));
  auto checkpoint = metaNumber(tables, kCheckpoint);
  if (!checkpoint) return tl::unexpected(std::move(checkpoint.error()));
  return Claim{*version, *checkpoint};
}

// Whether the records up to `last` can tell what the views ought to be; if not, the report says so.
bool isComparable(const Claim& claim, std::uint64_t last, CheckReport& report) {
  if (claim.version != Views::kVersion) {
    report.remark("the views are of another version; glauxd rebuilds them when it starts");
    return false;
  }
  if (claim.checkpoint > last) {
    report.problem("views: hold what records through " + std::to_string(*claim.checkpoint) +
                   " caused, but the last is record " + std::to_string(last) +
                   "; restore the journal from a backup");
    return false;
  }
  return true;
}

// ---- rebuilding

// Brings empty tables to where a daemon's are at `checkpoint`. Views that a daemon has begun, but
// has not brought anywhere yet, have none.
class Rebuild {
 public:
  Rebuild(Tables& tables, std::optional<std::uint64_t> checkpoint, CheckReport& report)
      : views_(tables), checkpoint_(checkpoint), report_(report) {}

  Done run(const journal::Journal& journal) {
    if (auto opened = views_.open(0); !opened) return tl::unexpected(std::move(opened.error()));
    if (!checkpoint_) return {};
    journal::StopAtFirstProblem stop;
    const auto end = journal.replay(
        1, [&](const Record& record) { return visit(record); }, stop);
    if (!end) return tl::unexpected(end.error());
    if (failure_) return tl::unexpected(*failure_);
    return views_.commit(reached_);
  }

  std::uint64_t reached() const { return reached_; }

 private:
  Scan visit(const Record& record) {
    if (record.sequence > *checkpoint_) return Scan::kStop;
    report_.at(record.sequence, *checkpoint_);
    if (!project(record)) return Scan::kStop;
    reached_ = record.sequence;
    if (reached_ % kRecordsPerCommit != 0) return Scan::kContinue;
    const auto committed = views_.commit(reached_);
    if (!committed) failure_ = committed.error();
    return committed ? Scan::kContinue : Scan::kStop;
  }

  bool project(const Record& record) {
    if (record.kind != core::kRecordKind) return record.skippable;
    const core::RecordPosition at{record.sequence, core::Timestamp{record.time_ms}};
    return core::visitEvents(record.payload,
                             [&](const core::Event& event) { views_.project(at, event); })
        .has_value();
  }

  Views views_;
  const std::optional<std::uint64_t> checkpoint_;
  CheckReport& report_;
  std::uint64_t reached_ = 0;
  std::optional<journal::Error> failure_;
};

// ---- comparing

std::string keyText(std::string_view key) {
  if (key.size() == sizeof(core::IdBytes)) {
    core::IdBytes id;
    std::copy(key.begin(), key.end(), id.begin());
    return core::idText(id);
  }
  const bool is_text =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 127; });
  return is_text ? std::string(key) : "0x" + journal::toHex(key);
}

class Comparison {
 public:
  Comparison(const Tables& stored, const Tables& rebuilt, const std::filesystem::path& directory,
             CheckReport& report)
      : stored_(stored), rebuilt_(rebuilt), advice_(adviceToRebuild(directory)), report_(report) {}

  Done compare(const std::string& table) {
    auto compared = eachRow(stored_, rebuilt_, table,
                            [&](std::string_view key, std::string_view stored,
                                const std::optional<std::string>& rebuilt) {
                              if (!rebuilt) problem(table, key, "is in no record");
                              if (rebuilt && *rebuilt != stored)
                                problem(table, key, "is not what the records give");
                            });
    if (!compared) return compared;
    return eachRow(
        rebuilt_, stored_, table,
        [&](std::string_view key, std::string_view, const std::optional<std::string>& stored) {
          if (!stored) problem(table, key, "is missing");
        });
  }

 private:
  // Calls `look` with every row of `one`, and with what `other` has under its key.
  template <class Look>
  static Done eachRow(const Tables& one, const Tables& other, const std::string& table, Look look) {
    Done read;
    auto scanned = one.scan(table, "", "", [&](std::string_view key, std::string_view value) {
      auto counterpart = other.get(table, key);
      if (counterpart) {
        look(key, value, *counterpart);
      } else {
        read = tl::unexpected(std::move(counterpart.error()));
      }
      return read ? Scan::kContinue : Scan::kStop;
    });
    return scanned ? read : scanned;
  }

  void problem(const std::string& table, std::string_view key, const char* what) {
    report_.problem("view " + table + ", row " + keyText(key) + ": " + what + advice_);
  }

  const Tables& stored_;
  const Tables& rebuilt_;
  const std::string advice_;
  CheckReport& report_;
};

Done rebuildAndCompare(const journal::Journal& journal, const Tables& stored,
                       std::optional<std::uint64_t> checkpoint,
                       const std::filesystem::path& scratch,
                       const std::filesystem::path& tables_directory, CheckReport& report) {
  const OpenedJournal workshop = journal::Journal::open(
      {.directory = scratch, .commit = journal::Commit::kManual, .tables = Views::tableNames()});
  if (!workshop) return tl::unexpected(workshop.error());
  Rebuild rebuild((*workshop)->tables(), checkpoint, report);
  if (auto rebuilt = rebuild.run(journal); !rebuilt) return rebuilt;
  if (rebuild.reached() < checkpoint.value_or(0)) {
    report.remark("the views were not compared, because record " +
                  std::to_string(rebuild.reached() + 1) + " is not sound");
    return {};
  }
  Comparison comparison(stored, (*workshop)->tables(), tables_directory, report);
  for (const std::string& table : Views::tableNames()) {
    if (auto compared = comparison.compare(table); !compared) return compared;
  }
  return {};
}

}  // namespace

Done checkViews(const std::filesystem::path& state_directory, const std::filesystem::path& scratch,
                CheckReport& report) {
  const std::filesystem::path directory = state_directory / "tables";
  if (!std::filesystem::exists(directory / "CURRENT")) {
    report.remark("there are no views; glauxd builds them from the records when it starts");
    return {};
  }
  // The tables first: the records, opened after them, then reach at least as far.
  const OpenedJournal with_tables = journal::Journal::open({.directory = state_directory,
                                                            .access = journal::Access::kReadOnly,
                                                            .tables = Views::tableNames()});
  if (!with_tables) {
    report.problem("views: " + with_tables.error().message + adviceToRebuild(directory));
    return {};
  }
  const OpenedJournal journal =
      journal::Journal::open({.directory = state_directory, .access = journal::Access::kReadOnly});
  if (!journal) return tl::unexpected(journal.error());

  const Tables& stored = (*with_tables)->tables();
  const auto is_empty = isEmpty(stored);
  if (!is_empty) return tl::unexpected(is_empty.error());
  if (*is_empty) return {};
  const auto claim = claimOf(stored);
  if (!claim) return tl::unexpected(claim.error());
  if (!isComparable(*claim, (*journal)->lastSequence(), report)) return {};
  return rebuildAndCompare(**journal, stored, claim->checkpoint, scratch, directory, report);
}

}  // namespace glaux::daemon
