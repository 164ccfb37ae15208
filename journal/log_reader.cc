#include "journal/log_reader.h"

#include <memory>
#include <utility>
#include <vector>

#include "journal/snapshots.h"
#include "journal/status.h"

namespace glaux::journal {
namespace {

using Family = LogStore::Family;

Problem::Kind problemKind(DecodeFailure::Kind kind) {
  switch (kind) {
    case DecodeFailure::Kind::kUndecodable:
      return Problem::Kind::kUndecodable;
    case DecodeFailure::Kind::kNewerFormat:
      return Problem::Kind::kNewerFormat;
    case DecodeFailure::Kind::kBadHash:
      return Problem::Kind::kBadHash;
  }
  return Problem::Kind::kUndecodable;
}

// One pass over the records `next_` to `last_`.
class Replay {
 public:
  Replay(const LogStore& log, Sequence from, Sequence last, const Visitor& visit,
         Reporter& reporter)
      : log_(log),
        last_(last),
        visit_(visit),
        reporter_(reporter),
        end_{ReplayEnd::Reason::kEndOfJournal, from, 0, 0} {}

  // A failure if the environment failed.
  std::optional<StoreFailure> run() {
    seek(end_.next);
    while (end_.next <= last_) {
      const Scan scan = row_->valid() ? passRow() : passGap();
      if (failure_) return failure_;
      if (scan == Scan::kStop) break;
    }
    return std::nullopt;
  }

  const ReplayEnd& end() const { return end_; }

 private:
  // Always with a new iterator: one that has met damage may go on reporting it elsewhere.
  void seek(Sequence sequence) {
    row_ = log_.records(LogStore::Reading::kOnceThrough);
    row_->seek(encodeSequence(sequence));
  }

  Scan passRow() {
    const auto sequence = decodeSequence(row_->key());
    if (!sequence) {
      row_->next();
      return report({Problem::Kind::kUndecodable, end_.next, end_.next,
                     "before it is a key of " + std::to_string(row_->key().size()) + " bytes"},
                    end_.next);
    }
    if (*sequence > end_.next) {
      const Sequence before = std::min(*sequence - 1, last_);
      return report({Problem::Kind::kMissing, end_.next, before, ""}, before + 1);
    }
    const auto record = decodeRecord(*sequence, row_->value());
    if (!record) {
      const Problem problem{problemKind(record.error().kind), *sequence, *sequence,
                            record.error().detail};
      row_->next();
      return report(problem, *sequence + 1);
    }
    ++end_.records;
    ++end_.next;
    const Scan scan = visit_(*record);
    if (scan == Scan::kStop) end_.reason = ReplayEnd::Reason::kVisitor;
    row_->next();
    return scan;
  }

  // The iterator ended before the last record: nothing more is there, or a file is damaged.
  Scan passGap() {
    auto failure = row_->failure();
    if (!failure) return report({Problem::Kind::kMissing, end_.next, last_, ""}, last_ + 1);
    if (failure->kind != Error::Kind::kCorrupt) {
      failure_ = std::move(failure);
      return Scan::kStop;
    }
    const Sequence readable = firstReadable();
    return report({Problem::Kind::kUnreadable, end_.next, readable - 1, failure->cause}, readable);
  }

  // The first sequence after end_.next from which the iterator can go on, or last_ + 1. Damage
  // makes a whole block unreadable, so: double the step until one is found, then halve the
  // interval.
  Sequence firstReadable() {
    Sequence damaged = end_.next;
    Sequence step = 1;
    while (damaged + step <= last_ && !readableAt(damaged + step)) {
      damaged += step;
      step *= 2;
    }
    Sequence readable = std::min(damaged + step, last_ + 1);
    while (readable - damaged > 1) {
      const Sequence middle = damaged + (readable - damaged) / 2;
      (readableAt(middle) ? readable : damaged) = middle;
    }
    seek(readable);
    return readable;
  }

  bool readableAt(Sequence sequence) {
    seek(sequence);
    return row_->valid();
  }

  Scan report(const Problem& problem, Sequence next) {
    ++end_.problems;
    const Scan scan = reporter_.report(problem);
    if (scan == Scan::kStop) {
      end_.reason = ReplayEnd::Reason::kReporter;
    } else {
      end_.next = next;
    }
    return scan;
  }

  const LogStore& log_;
  const Sequence last_;
  const Visitor& visit_;
  Reporter& reporter_;
  std::unique_ptr<LogStore::Cursor> row_;
  std::optional<StoreFailure> failure_;
  ReplayEnd end_;
};

}  // namespace

Error LogReader::error(const StoreFailure& failure, const std::string& what) const {
  return errorFrom(failure, "reading " + what + " from " + log_.name());
}

tl::expected<Sequence, Error> LogReader::lastSequence() const {
  const auto row = log_.records(LogStore::Reading::kOneRow);
  row->seekToLast();
  if (const auto failure = row->failure())
    return tl::unexpected(error(*failure, "the last record"));
  if (!row->valid()) return 0;
  const auto sequence = decodeSequence(row->key());
  if (!sequence) {
    return tl::unexpected(error(corruption("its key is no sequence"), "the last record"));
  }
  return *sequence;
}

tl::expected<std::optional<OwnedRecord>, Error> LogReader::read(Sequence sequence) const {
  const std::string what = "record " + std::to_string(sequence);
  std::optional<OwnedRecord> record;
  std::optional<StoreFailure> damage;
  const auto found = log_.get(Family::kRecords, encodeSequence(sequence), [&](auto value) {
    const auto decoded = decodeRecord(sequence, value);
    if (decoded) {
      record.emplace(*decoded);
    } else {
      damage = corruption(decoded.error().detail);
    }
  });
  if (!found) damage = found.error();
  if (damage) return tl::unexpected(error(*damage, what));
  return record;
}

tl::expected<std::optional<std::string>, Error> LogReader::readBlob(const Hash& digest) const {
  const std::string what = "blob " + digest.hex();
  std::string bytes;
  const auto found =
      log_.get(Family::kBlobs, digest.view(), [&](std::string_view value) { bytes = value; });
  if (!found) return tl::unexpected(error(found.error(), what));
  if (!*found) return std::nullopt;
  if (sha256(bytes) != digest) {
    return tl::unexpected(error(corruption("its bytes do not have that digest"), what));
  }
  return bytes;
}

tl::expected<ReplayEnd, Error> LogReader::replay(Sequence from, Sequence last, const Visitor& visit,
                                                 Reporter& reporter) const {
  Replay replay(log_, std::max<Sequence>(from, 1), last, visit, reporter);
  if (const auto failure = replay.run()) {
    return tl::unexpected(error(*failure, "record " + std::to_string(replay.end().next)));
  }
  return replay.end();
}

tl::expected<std::optional<Snapshot>, Error> LogReader::latestSnapshot(Reporter& reporter) const {
  std::optional<Snapshot> latest;
  for (const char* slot : kSnapshotSlots) {
    SlotContent content = readSlot(log_, slot);
    if (!content.damage.empty()) {
      reporter.report({Problem::Kind::kDamagedSnapshot, 0, 0, content.damage});
    }
    if (!content.stored) continue;
    Snapshot& snapshot = content.stored->snapshot;
    if (latest && latest->through > snapshot.through) continue;
    const auto record = read(snapshot.through);
    if (record && *record && (*record)->leaf_hash == content.stored->leaf_hash) {
      latest = std::move(snapshot);
    } else {
      reporter.report({Problem::Kind::kDamagedSnapshot, snapshot.through, snapshot.through,
                       "the journal does not have the record it ends with"});
    }
  }
  return latest;
}

}  // namespace glaux::journal
